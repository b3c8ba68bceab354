from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent, idempotent_after, idempotent_renewed
from accounts.requests import SignedInApiRequest
from accounts.scopes import Scope
from batches.doors import HoldsBatch, OfBatch
from batches.models import EARLIEST
from events import actions, photos
from events.models import Event, Photo
from events.serializers import (
    EventChanges,
    EventWire,
    NewEvent,
    NewPhoto,
    NewUpload,
    PhotoChanges,
    PhotoWire,
    UploadWire,
)
from kefir.api.lists import one
from kefir.api.problems import SENTENCES, Problem
from kefir.api.sync import SyncedList, SyncQuery
from kefir.api.wire import query_of, read
from kefir.bucket import BucketFailed


class Events(HoldsBatch, SyncedList):
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
        body = read(NewEvent, request.data)
        try:
            event, is_new = actions.write_down(batch=self.batch, now=timezone.now(), **body)
        except actions.IdIsTaken as refusal:
            raise Problem(409, "id_taken", refusal.messages[0]) from refusal
        return Response(one(EventWire, event), status=201 if is_new else 200)


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


class Uploads(OfBatch):
    scopes = {"POST": Scope.LOG}

    def signed_again(self, answered: dict[str, Any]) -> dict[str, Any]:
        """The address that was answered may have run out; where there is nothing to upload any more, it has."""
        photo = self.batch.photos.filter(pk=answered["photoId"]).first()
        asked = photo and photos.ask_again(photo=photo, now=timezone.now())
        return answered | (to_upload(asked) if asked else {"expiresIn": 0})

    @extend_schema(
        summary="Where to upload a photo to",
        description="At most 10 MB. PUT it there within five minutes, then confirm it.",
        request=NewUpload,
        responses={201: UploadWire},
    )
    @idempotent_renewed(signed_again)
    def post(self, request: SignedInApiRequest, batch_id: str) -> Response:
        body = read(NewUpload, request.data)
        photo = photos.ask(batch=self.batch, now=timezone.now(), **body)
        return Response(to_upload(photo), status=201)


def to_upload(photo: Photo) -> dict[str, Any]:
    address, headers = photos.upload_address(photo)
    seconds = int(photos.UPLOAD_WITHIN.total_seconds())
    upload = {"photo_id": photo.pk, "upload_url": address, "headers": headers, "expires_in": seconds}
    return UploadWire(upload).data


class Photos(OfBatch, ListAPIView[Photo]):
    serializer_class = PhotoWire
    scopes = {"POST": Scope.LOG}
    ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[Photo]:
        own = self.batch.photos.ready() if hasattr(self, "batch") else Photo.objects.none()
        return own.select_related("event")

    @extend_schema(summary="Its photos, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def look(self, request: SignedInApiRequest, batch_id: str) -> None:
        """Before there is a transaction: the store may be slow."""
        said, self.arrived = read(NewPhoto, request.data), None
        self.asked = self.batch.photos.filter(pk=said["photo_id"]).first()
        if self.asked is None:
            return
        try:
            self.arrived = photos.look_at(photo=self.asked, now=timezone.now(), taken_at=said.get("taken_at"))
        except BucketFailed as failure:
            raise Problem(503, "unavailable", SENTENCES["unavailable"], retry_after=5) from failure

    @extend_schema(
        summary="Confirm that a photo is uploaded",
        description="It is looked at, and kept and put on the timeline if it is what was said; else it is deleted.",
        request=NewPhoto,
        responses={201: PhotoWire, 200: PhotoWire},
    )
    @idempotent_after(look)
    def post(self, request: SignedInApiRequest, batch_id: str) -> Response:
        body = read(NewPhoto, request.data)
        del body["photo_id"]
        if self.asked is None:
            # Another's is as unknown as one that is not there.
            raise photos.UnknownPhoto
        photo, is_new = photos.keep(photo=self.asked, arrived=self.arrived, now=timezone.now(), **body)
        return Response(PhotoWire(photo).data, status=201 if is_new else 200)

    def handle_exception(self, exc: Exception) -> Response:
        """By now all that the request did is undone; that it was refused must not be."""
        if isinstance(exc, photos.NotTaken) and self.asked:
            photos.refuse(photo=self.asked, now=timezone.now())
        return super().handle_exception(exc)


class OnePhoto(APIView):
    request: SignedInApiRequest

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        mine = Photo.objects.of(self.request.user).ready().select_related("batch", "event")
        self.photo = get_object_or_404(mine, pk=kwargs["photo_id"])

    @extend_schema(summary="One photo", responses=PhotoWire)
    def get(self, request: Request, photo_id: str) -> Response:
        return Response(PhotoWire(self.photo).data)

    @extend_schema(
        summary="Other words below it, or onto the cover", request=PhotoChanges, responses=PhotoWire
    )
    def patch(self, request: Request, photo_id: str) -> Response:
        body = read(PhotoChanges, request.data)
        photo = photos.edit(photo=self.photo, now=timezone.now(), **body)
        return Response(PhotoWire(photo).data)

    @extend_schema(summary="Remove, with its line of the timeline", responses={204: None})
    def delete(self, request: Request, photo_id: str) -> Response:
        photos.remove(photo=self.photo, now=timezone.now())
        return Response(status=204)
