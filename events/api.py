from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.requests import SignedInApiRequest
from accounts.scopes import Scope
from batches.doors import OfBatch
from batches.models import EARLIEST
from events import actions
from events.models import Event
from events.serializers import EventChanges, EventWire, NewEvent
from kefir.api.problems import Problem
from kefir.api.sync import SyncedList, SyncQuery
from kefir.api.wire import query_of


class Events(OfBatch, SyncedList):
    serializer_class = EventWire
    scopes = {"POST": Scope.LOG}
    ordering = ("-occurred_at", "-id")

    def get_queryset(self) -> QuerySet[Event]:
        return self.batch.events.all() if hasattr(self, "batch") else Event.objects.none()

    @extend_schema(summary="The timeline, newest first; or what changed of it", parameters=[SyncQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(summary="Log what happened", request=NewEvent, responses={201: EventWire, 200: EventWire})
    @idempotent
    def post(self, request: SignedInApiRequest, batch_id: str) -> Response:
        body = NewEvent(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            event, is_new = actions.record(batch=self.batch, now=timezone.now(), **body.validated_data)
        except actions.IdIsTaken as refusal:
            raise Problem(409, "id_taken", refusal.messages[0]) from refusal
        return Response(EventWire(event).data, status=201 if is_new else 200)


class MyEvents(SyncedList):
    request: SignedInApiRequest
    serializer_class = EventWire

    def get_queryset(self) -> QuerySet[Event]:
        return Event.objects.of(self.request.user)

    @extend_schema(summary="What changed of all my timelines", parameters=[SyncQuery])
    def get(self, request: Request) -> Response:
        return self.changes(query_of(SyncQuery, request).get("updated_since", EARLIEST))


class OneEvent(APIView):
    request: SignedInApiRequest

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        mine = Event.objects.of(self.request.user).select_related("batch")
        self.event = get_object_or_404(mine, pk=kwargs["event_id"])

    @extend_schema(summary="Correct", request=EventChanges, responses=EventWire)
    def patch(self, request: Request, event_id: str) -> Response:
        body = EventChanges(self.event, data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        event = actions.correct(event=self.event, now=timezone.now(), **body.validated_data)
        return Response(EventWire(event).data)

    @extend_schema(summary="Withdraw", responses={204: None})
    def delete(self, request: Request, event_id: str) -> Response:
        actions.withdraw(event=self.event, now=timezone.now())
        return Response(status=204)
