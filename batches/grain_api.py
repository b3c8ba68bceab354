from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.requests import SignedInApiRequest
from accounts.scopes import Scope
from batches import away, grains
from batches.grain_models import Grains, GrainsQuerySet, Weighing
from batches.grain_serializers import (
    AwayQuery,
    GrainsChanges,
    GrainsQuery,
    GrainsWire,
    NewGrains,
    NewWeighing,
    OneGrainsWire,
    PlanWire,
    WeighingWire,
)
from kefir.api import etags
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
from kefir.api.wire import query_of

TAKEN = {409: OpenApiResponse(ProblemBody, "This id is taken; or the same is being done just now.")}


class AllGrains(SyncedList):
    request: SignedInApiRequest
    serializer_class = GrainsWire
    ordering = ("created_at", "id")
    query = GrainsQuery

    def get_queryset(self) -> GrainsQuerySet:
        asked = query_of(GrainsQuery, self.request)
        asked.pop("updated_since", None)
        return Grains.objects.of(self.request.user).filter(**asked)

    @extend_schema(
        operation_id="grains_list",
        summary="My cultures, oldest first; or what changed of them",
        parameters=[GrainsQuery],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Keep a culture",
        request=NewGrains,
        parameters=[ETAG],
        responses={201: OneGrainsWire, **TAKEN},
    )
    @idempotent
    def post(self, request: SignedInApiRequest) -> Response:
        body = NewGrains(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            kept = grains.keep(owner=request.user, now=timezone.now(), **body.validated_data)
        except grains.IdIsTaken as refusal:
            raise Problem(409, "id_taken", refusal.messages[0]) from refusal
        return answer(kept, status=201)


class OfGrains(APIView):
    """An endpoint below /grains/{id}; a stranger gets 404 before the body is read."""

    request: SignedInApiRequest
    grains: Grains

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.grains = get_object_or_404(Grains.objects.of(request.user), pk=kwargs["grains_id"])


def answer(kept: Grains, *, status: int = 200) -> Response:
    return Response(dict(OneGrainsWire(kept).data), status=status, headers={"ETag": etags.tag(kept.version)})


class OneGrains(OfGrains):
    @extend_schema(
        operation_id="grains_retrieve",
        summary="One culture, with what it wants and how it grew",
        parameters=[IF_NONE_MATCH, ETAG],
        responses={200: OneGrainsWire, **NOT_MODIFIED},
    )
    def get(self, request: Request, grains_id: UUID) -> Response:
        return known_already(request, self.grains.version) or answer(self.grains)

    @extend_schema(
        summary="Edit; or to work, into the fridge, gone",
        request=GrainsChanges,
        parameters=[IF_MATCH, ETAG],
        responses={200: OneGrainsWire, **STALE},
    )
    def patch(self, request: Request, grains_id: UUID) -> Response:
        body = GrainsChanges(self.grains, data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        with stale_is_412():
            changed = grains.edit(
                grains=self.grains, now=timezone.now(), version=self.version_read(), **body.validated_data
            )
        return answer(changed)

    @extend_schema(
        summary="Delete, with all weights",
        description="Its batches stay.",
        parameters=[IF_MATCH],
        responses={204: None, **STALE},
    )
    def delete(self, request: Request, grains_id: UUID) -> Response:
        with stale_is_412():
            grains.remove(grains=self.grains, version=self.version_read())
        return Response(status=204)

    def version_read(self) -> int | None:
        return version_read(self.request, self.grains.version)


class Fed(OfGrains):
    scopes = {"POST": Scope.LOG}

    @extend_schema(summary="Fed: fresh food, now", request=None, parameters=[ETAG], responses=OneGrainsWire)
    def post(self, request: Request, grains_id: UUID) -> Response:
        return answer(grains.feed(grains=self.grains, now=timezone.now()))


class Renewed(OfGrains):
    scopes = {"POST": Scope.LOG}

    @extend_schema(
        summary="New grains, now",
        description="In the place of the old ones: what was learned from those counts half for later batches.",
        request=None,
        parameters=[ETAG],
        responses=OneGrainsWire,
    )
    def post(self, request: Request, grains_id: UUID) -> Response:
        return answer(grains.renew(grains=self.grains, now=timezone.now()))

    @extend_schema(summary="They were the old ones after all", responses={204: None})
    def delete(self, request: Request, grains_id: UUID) -> Response:
        grains.unrenew(grains=self.grains, now=timezone.now())
        return Response(status=204)


class Weights(OfGrains, ListAPIView[Weighing]):
    scopes = {"POST": Scope.LOG}
    serializer_class = WeighingWire
    ordering = ("-weighed_at", "-id")

    def get_queryset(self) -> QuerySet[Weighing]:
        return self.grains.weighings.all() if hasattr(self, "grains") else Weighing.objects.none()

    @extend_schema(summary="What a culture weighed, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(summary="Weigh", request=NewWeighing, responses={201: WeighingWire, **TAKEN})
    @idempotent
    def post(self, request: SignedInApiRequest, grains_id: UUID) -> Response:
        body = NewWeighing(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            weighing = grains.weigh(grains=self.grains, now=timezone.now(), **body.validated_data)
        except grains.IdIsTaken as refusal:
            raise Problem(409, "id_taken", refusal.messages[0]) from refusal
        return Response(WeighingWire(weighing).data, status=201)


class OneWeight(OfGrains):
    @extend_schema(summary="Take back a weight", responses={204: None})
    def delete(self, request: Request, grains_id: UUID, weighing_id: UUID) -> Response:
        weighing = get_object_or_404(self.grains.weighings.select_related("grains"), pk=weighing_id)
        grains.unweigh(weighing=weighing, now=timezone.now())
        return Response(status=204)


class Away(OfGrains):
    @extend_schema(
        summary="A plan for some days away",
        description="Rules of thumb.",
        parameters=[AwayQuery],
        responses=PlanWire,
    )
    def get(self, request: Request, grains_id: UUID) -> Response:
        asked = query_of(AwayQuery, request)
        planned = away.plan(kind=self.grains.culture, grams=self.grains.grams, **asked)
        return Response(PlanWire(planned).data)
