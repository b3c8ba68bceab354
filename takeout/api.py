"""The API's doors to one's own data."""

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

from accounts.idempotency import idempotent
from accounts.requests import SignedInApiRequest
from accounts.scopes import SIGN_IN
from kefir.api.problems import Problem
from takeout import actions
from takeout.doors import everything_as_csv, link_to
from takeout.models import Export
from takeout.serializers import ExportWire
from takeout.stream import BeingExported


class EverythingAsCSV(APIView):
    scopes = {"GET": SIGN_IN}

    @extend_schema(
        summary="All my data as CSV",
        responses={(200, "text/csv"): OpenApiTypes.STR},
        operation_id="export_csv",
    )
    def get(self, request: SignedInApiRequest) -> HttpResponseBase:
        """Streamed, a row for each thing; `recordType` says what: batch, event, reminder, device, photo, reading.

        Separated by commas, UTF-8, as RFC 4180 has it. An apostrophe stands before text that a spreadsheet
        would take for a formula. One at a time for each person: 429 while another is under way.
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
