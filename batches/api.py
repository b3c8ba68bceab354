from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.models import User
from accounts.requests import SignedInApiRequest
from batches import actions, bottling, care, codes
from batches.doors import OfBatch
from batches.keepers import keeper_of
from batches.models import Batch, BatchQuerySet, Tombstone, bring_history
from batches.sayings import said_of
from batches.serializers import (
    BatchChanges,
    BatchQuery,
    BatchWire,
    BottledWire,
    ForecastWire,
    NewBatch,
    NewBottles,
    PublicBatch,
    StartedBatch,
    SuggestionWire,
    TombstoneQuery,
    TombstoneWire,
    forecast_on_the_wire,
)
from kefir.api import etags
from kefir.api.lists import FirstPage
from kefir.api.parameters import KnownParameters
from kefir.api.preconditions import (
    ETAG,
    IF_MATCH,
    IF_NONE_MATCH,
    NOT_MODIFIED,
    STALE,
    known_already,
    stale_is_412,
    version_read,
)
from kefir.api.problems import Problem
from kefir.api.schema import ProblemBody
from kefir.api.sync import SyncedList
from kefir.api.throttles import PublicPages
from kefir.api.wire import Wire, query_of

TOO_OLD = "That is more than 90 days ago: forget the copy and start anew."
IMAGE = {(200, "image/svg+xml"): OpenApiTypes.BINARY}


NEWEST_FIRST = ("-started_at", "-id")
NEWEST = FirstPage(
    lambda owner: Batch.objects.of(User(pk=owner)).kept(),
    wire=BatchWire,
    order=NEWEST_FIRST,
    owner=UUID(int=0),
)


class Batches(SyncedList):
    request: SignedInApiRequest
    serializer_class = BatchWire
    ordering = NEWEST_FIRST
    query = BatchQuery

    def first_found(self) -> list[tuple[Any, ...]]:
        return NEWEST.rows(owner=self.request.user.pk)

    def get_queryset(self) -> BatchQuerySet:
        return matching(self.request.user, **query_of(BatchQuery, self.request))

    @extend_schema(summary="My batches, newest first; or what changed of them", parameters=[BatchQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Start a batch", request=NewBatch, parameters=[ETAG], responses={201: StartedBatch}
    )
    @idempotent
    def post(self, request: SignedInApiRequest) -> Response:
        body = NewBatch(data=request.data, context={"request": request})
        body.is_valid(raise_exception=True)
        now, filled = timezone.now(), body.validated_data
        parent = filled.pop("parent", None)
        if parent:
            batch = actions.brew_again(batch=parent, owner=request.user, now=now, **filled)
        else:
            batch = actions.start(owner=request.user, now=now, **filled)
        suggestions = care.suggest(batch.facts(), now=now, keeper=keeper_of(request.user))
        started = answer(batch, status=201)
        # By the reverse accessor's name: reminders are the upper app's.
        muted = Batch.objects.all().upper("reminders").muted(keeper=request.user, culture=batch.culture)
        started.data["suggestions"] = SuggestionWire(care.parted(suggestions, muted)[0], many=True).data
        return started


class OneBatch(OfBatch):
    @extend_schema(
        summary="One batch", parameters=[IF_NONE_MATCH, ETAG], responses={200: BatchWire, **NOT_MODIFIED}
    )
    def get(self, request: Request, batch_id: str) -> Response:
        return known_already(request, self.batch.version) or answer(self.batch)

    @extend_schema(
        summary="Edit or move",
        request=BatchChanges,
        parameters=[IF_MATCH, ETAG],
        responses={200: BatchWire, **STALE},
    )
    def patch(self, request: Request, batch_id: str) -> Response:
        body = BatchChanges(self.batch, data=request.data, partial=True, context={"request": request})
        body.is_valid(raise_exception=True)
        with stale_is_412():
            batch = actions.revise(
                batch=self.batch, now=timezone.now(), version=self.version_read(), **body.validated_data
            )
        return answer(batch)

    @extend_schema(summary="Archive", parameters=[IF_MATCH], responses={204: None, **STALE})
    def delete(self, request: Request, batch_id: str) -> Response:
        with stale_is_412():
            actions.archive(batch=self.batch, now=timezone.now(), version=self.version_read())
        return Response(status=204)

    def version_read(self) -> int | None:
        return version_read(self.request, self.batch.version)


class Bottles(OfBatch):
    """Bottling day."""

    @extend_schema(
        summary="Into bottles, in groups",
        description=(
            "One group is the batch itself, now in bottles. Of several, each is a batch whose parent is this one, "
            "which is then put away. All or nothing."
        ),
        request=NewBottles,
        responses={201: BottledWire},
    )
    @idempotent
    def post(self, request: SignedInApiRequest, batch_id: str) -> Response:
        body = NewBottles(data=request.data, context={"request": request})
        body.is_valid(raise_exception=True)
        bottled = bottling.bottle_groups(batch=self.batch, now=timezone.now(), **body.validated_data)
        return Response(BottledWire(bottled).data, status=201)


class BatchForecast(OfBatch):
    """When it is ready, how hard its bottles may be pressed, how much alcohol it may hold."""

    @extend_schema(
        summary="When it is ready, and until when its bottles may stand",
        description=(
            "Made of the batch, what was measured of it, and its keeper's earlier batches of the culture. "
            "Pressure counts a bottle that nobody named as not made for pressure."
        ),
        responses=ForecastWire,
    )
    def get(self, request: SignedInApiRequest, batch_id: str) -> Response:
        bring_history([self.batch], {request.user})
        now = timezone.now()
        told = forecast_on_the_wire(
            said_of(self.batch.facts(), now=now),
            bottle_kind=self.batch.bottle_kind,
            keeper=keeper_of(request.user),
            now=now,
        )
        return Response(ForecastWire(told).data)


class QRCode(OfBatch):
    """The code on the jar, as a picture."""

    @extend_schema(summary="QR code as SVG", responses=IMAGE)
    def get(self, request: Request, batch_id: str) -> HttpResponse:
        address = codes.scan_address(self.batch.pk, site=settings.SITE_URL)
        return HttpResponse(codes.as_svg(address), content_type="image/svg+xml")


class QRSize(Wire):
    size = serializers.IntegerField(required=False, default=600, min_value=100, max_value=2000)


class QRPicture(OfBatch):
    @extend_schema(
        summary="QR code as PNG", parameters=[QRSize], responses={(200, "image/png"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, batch_id: str) -> HttpResponse:
        address = codes.scan_address(self.batch.pk, site=settings.SITE_URL)
        picture = codes.as_png(address, **query_of(QRSize, request))
        return HttpResponse(picture, content_type="image/png")


class Deletions(SyncedList):
    """What is gone for good; archiving is no deletion."""

    request: SignedInApiRequest
    serializer_class = TombstoneWire
    stamp = "gone_at"

    def get_queryset(self) -> QuerySet[Tombstone]:
        return Tombstone.objects.of(self.request.user)

    @extend_schema(
        summary="What is gone since",
        parameters=[TombstoneQuery],
        responses={200: TombstoneWire(many=True), 410: OpenApiResponse(ProblemBody, TOO_OLD)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        oldest = timezone.now() - actions.TOMBSTONES_KEPT_FOR
        since = query_of(TombstoneQuery, request).get("since", oldest)
        if since < oldest:
            raise Problem(410, "sync_too_old", TOO_OLD)
        return self.changes(since)


class PublicSummary(APIView):
    """For whoever scans the code; private and unknown look the same."""

    authentication_classes: list[Any] = []
    permission_classes = [KnownParameters]
    throttle_classes = [PublicPages]

    @extend_schema(summary="What is shared of a batch", responses=PublicBatch, auth=[])
    def get(self, request: Request, batch_id: str) -> Response:
        batch = get_object_or_404(Batch.objects.public(), pk=batch_id)
        return Response(PublicBatch(batch).data)


def matching(
    keeper: User,
    *,
    status: str = "",
    search: str = "",
    updated_since: datetime | None = None,
    **equal: str,
) -> BatchQuerySet:
    batches = Batch.objects.of(keeper)
    if status:
        batches = batches.filter(status__in=status.split(","))
    elif updated_since is None:
        batches = batches.kept()
    return (batches.that_say(search, of=keeper) if search else batches).filter(**equal)


def answer(batch: Batch, *, status: int = 200) -> Response:
    return Response(dict(BatchWire(batch).data), status=status, headers={"ETag": etags.tag(batch.version)})
