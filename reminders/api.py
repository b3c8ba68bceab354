from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.requests import SignedInApiRequest
from accounts.scopes import Scope
from batches import care
from batches.doors import OfBatch
from batches.keepers import keeper_of
from kefir.api.sync import SyncedList
from kefir.api.wire import query_of, read
from reminders import actions
from reminders.models import Reminder
from reminders.serializers import (
    Confirmation,
    Confirmed,
    Later,
    ReminderQuery,
    ReminderWire,
    Suggestions,
)


class SuggestionsOfBatch(OfBatch):
    @extend_schema(summary="What to be reminded of", responses=Suggestions)
    def get(self, request: SignedInApiRequest, batch_id: str) -> Response:
        suggestions = care.suggest(self.batch.facts(), now=timezone.now(), keeper=keeper_of(request.user))
        tired_of = Reminder.objects.muted(keeper=request.user, culture=self.batch.culture)
        kept, muted = care.parted(suggestions, tired_of)
        return Response(Suggestions({"suggestions": kept, "muted": muted}).data)


class Confirm(OfBatch):
    @extend_schema(
        summary="Schedule reminders, all or none", request=Confirmation, responses={201: Confirmed}
    )
    @idempotent
    def post(self, request: SignedInApiRequest, batch_id: str) -> Response:
        body = read(Confirmation, request.data)
        reminders = actions.confirm(batch=self.batch, now=timezone.now(), **body)
        return Response(Confirmed({"reminders": reminders}).data, status=201)


class RemindersOfBatch(OfBatch, SyncedList):
    serializer_class = ReminderWire
    ordering = ("alert_at", "id")
    query = ReminderQuery

    def get_queryset(self) -> QuerySet[Reminder]:
        if not hasattr(self, "batch"):
            return Reminder.objects.none()
        return asked_for(self.batch.reminders.all(), self.request)

    @extend_schema(
        summary="Reminders of a batch, soonest first; or what changed of them", parameters=[ReminderQuery]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class MyReminders(SyncedList):
    request: SignedInApiRequest
    serializer_class = ReminderWire
    ordering = ("alert_at", "id")
    query = ReminderQuery

    def get_queryset(self) -> QuerySet[Reminder]:
        return asked_for(Reminder.objects.of(self.request.user), self.request)

    @extend_schema(summary="My reminders, soonest first; or what changed of them", parameters=[ReminderQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class OfReminder(APIView):
    request: SignedInApiRequest

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        mine = Reminder.objects.of(self.request.user).with_what_it_is_about()
        self.reminder = get_object_or_404(mine, pk=kwargs["reminder_id"])


class OneReminder(OfReminder):
    @extend_schema(summary="Cancel", responses={204: None})
    def delete(self, request: Request, reminder_id: str) -> Response:
        actions.cancel(reminder=self.reminder, now=timezone.now())
        return Response(status=204)


class Done(OfReminder):
    scopes = {"POST": Scope.LOG}

    @extend_schema(summary="It is done", request=None, responses=ReminderWire)
    def post(self, request: Request, reminder_id: str) -> Response:
        reminder = actions.finish(reminder=self.reminder, now=timezone.now())
        return Response(ReminderWire(reminder).data)


class Skip(OfReminder):
    scopes = {"POST": Scope.LOG}

    @extend_schema(summary="Not this time", request=None, responses=ReminderWire)
    def post(self, request: Request, reminder_id: str) -> Response:
        reminder = actions.skip(reminder=self.reminder, now=timezone.now())
        return Response(ReminderWire(reminder).data)


class Snooze(OfReminder):
    scopes = {"POST": Scope.LOG}

    @extend_schema(summary="Later: the due time stays", request=Later, responses=ReminderWire)
    def post(self, request: Request, reminder_id: str) -> Response:
        body = read(Later, request.data)
        now = timezone.now()
        reminder = actions.snooze(reminder=self.reminder, until=later(now, **body), now=now)
        return Response(ReminderWire(reminder).data)


def later(now: datetime, *, minutes: int | None = None, until: datetime | None = None) -> datetime:
    if until and minutes is None:
        return until
    if minutes and until is None:
        return now + timedelta(minutes=minutes)
    raise ValidationError(_("Give either minutes or until."), code="minutes_or_until")


def asked_for(reminders: QuerySet[Reminder], request: Request) -> QuerySet[Reminder]:
    query = query_of(ReminderQuery, request)
    return reminders.filter(status=query["status"]) if "status" in query else reminders
