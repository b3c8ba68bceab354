"""The API's doors to one's own data."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent, idempotent_renewed
from accounts.requests import SignedInApiRequest
from accounts.scopes import SIGN_IN
from kefir.api.problems import Problem
from takeout import actions, imports
from takeout.doors import everything_as_csv, link_to
from takeout.models import Export, Import
from takeout.serializers import ExportWire, ImportUpload, ImportWire, NewImport
from takeout.stream import BeingExported


class EverythingAsCSV(APIView):
    @extend_schema(
        summary="All my data as CSV",
        responses={(200, "text/csv"): OpenApiTypes.STR},
        operation_id="export_csv",
    )
    def get(self, request: SignedInApiRequest) -> HttpResponseBase:
        """Streamed, a row for each thing; `recordType` says what: batch, event, reminder, device, photo, reading.

        Separated by commas, UTF-8, as RFC 4180 has it. An apostrophe stands before text that a spreadsheet
        would take for a formula. One at a time for each person: 429 while another is under way. Twenty an hour.
        """
        try:
            return everything_as_csv(request)
        except BeingExported as refusal:
            raise Problem(429, "export_under_way", str(refusal), retry_after=30) from refusal


class Exports(ListAPIView[Export]):
    scopes = {"GET": SIGN_IN, "POST": SIGN_IN}
    request: SignedInApiRequest
    serializer_class = ExportWire
    ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[Export]:
        return Export.objects.of(self.request.user)

    def get_serializer_context(self) -> dict[str, object]:
        return {**super().get_serializer_context(), "link": link_to}

    @extend_schema(summary="My archives, newest first; each is kept for a week")
    def get(self, request: Request) -> Response:
        return super().get(request)

    @extend_schema(summary="Have an archive made of everything", request=None, responses={202: ExportWire})
    @idempotent
    def post(self, request: SignedInApiRequest) -> Response:
        """JSON Lines, photos and a manifest in one ZIP. One at a time, five a day; a mail says when it is ready."""
        try:
            export = actions.ask_for_archive(user=request.user, now=timezone.now())
        except actions.BeingMade as refusal:
            raise Problem(429, "export_under_way", refusal.messages[0], retry_after=30) from refusal
        except actions.EnoughForToday as refusal:
            raise Problem(429, "exports_a_day", refusal.messages[0], retry_after=refusal.seconds) from refusal
        return Response(ExportWire(export, context={"link": link_to}).data, status=202)


class OneExport(APIView):
    scopes = {"GET": SIGN_IN}

    @extend_schema(summary="How far an archive is, and where to get it", responses=ExportWire)
    def get(self, request: SignedInApiRequest, export_id: UUID) -> Response:
        export = get_object_or_404(Export.objects.of(request.user), pk=export_id)
        return Response(ExportWire(export, context={"link": link_to}).data)


class Imports(ListAPIView[Import]):
    scopes = {"GET": SIGN_IN, "POST": SIGN_IN}
    request: SignedInApiRequest
    serializer_class = ImportWire
    ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[Import]:
        return Import.objects.of(self.request.user)

    @extend_schema(summary="What I brought along, newest first; each is kept for two days")
    def get(self, request: Request) -> Response:
        return super().get(request)

    def signed_again(self, answered: dict[str, Any]) -> dict[str, Any]:
        """The address that was answered may have run out; where it is uploaded already, there is none any more."""
        waiting = self.get_queryset().filter(pk=answered["id"], state=Import.State.UPLOADING).first()
        return to_upload(waiting) if waiting else answered | {"expiresIn": 0}

    @extend_schema(summary="Bring a file along", request=NewImport, responses={201: ImportUpload})
    @idempotent_renewed(signed_again)
    def post(self, request: SignedInApiRequest) -> Response:
        """An archive of Kefir (`archive`) or a table of batches (`table`, CSV, at most 5 MB).

        An archive may be as large as one's photos may be, and 500 MB more, but not above 5 GB.

        PUT it to `uploadUrl` with `headers`, then POST to `/imports/{id}/uploaded`.
        """
        body = NewImport(data=request.data)
        body.is_valid(raise_exception=True)
        brought = imports.ask(user=request.user, now=timezone.now(), **body.validated_data)
        return Response(to_upload(brought), status=201)


def to_upload(brought: Import) -> dict[str, Any]:
    address, headers = imports.upload_address(brought)
    seconds = int(imports.UPLOAD_WITHIN.total_seconds())
    return {**ImportWire(brought).data, "uploadUrl": address, "headers": headers, "expiresIn": seconds}


class OfImport(APIView):
    """An endpoint below /imports/{id}; a stranger gets 404 before the body is read."""

    request: SignedInApiRequest
    brought: Import

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.brought = get_object_or_404(Import.objects.of(request.user), pk=kwargs["import_id"])


class OneImport(OfImport):
    scopes = {"GET": SIGN_IN}

    @extend_schema(summary="How far an import is", responses=ImportWire)
    def get(self, request: SignedInApiRequest, import_id: UUID) -> Response:
        return Response(ImportWire(self.brought).data)


class Uploaded(OfImport):
    scopes = {"POST": SIGN_IN}

    @extend_schema(summary="It is uploaded: have it read", request=None, responses={202: ImportWire})
    def post(self, request: SignedInApiRequest, import_id: UUID) -> Response:
        """An archive is then taken in, all or nothing. A table is read first, and waits to be confirmed."""
        brought = imports.uploaded(brought=self.brought, now=timezone.now())
        return Response(ImportWire(brought).data, status=202)


class Confirmed(OfImport):
    scopes = {"POST": SIGN_IN}

    @extend_schema(summary="Take the table in, as was shown", request=None, responses={202: ImportWire})
    def post(self, request: SignedInApiRequest, import_id: UUID) -> Response:
        brought = imports.confirm(brought=self.brought, now=timezone.now())
        return Response(ImportWire(brought).data, status=202)
