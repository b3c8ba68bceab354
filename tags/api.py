from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
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
from batches import codes as drawings
from tags import actions
from tags.codes import scan_address
from tags.models import JarTag, JarTagQuerySet
from tags.serializers import NewTag, TagChanges, TagWire


class Tags(ListAPIView[JarTag]):
    request: SignedInApiRequest
    serializer_class = TagWire
    ordering = ("claimed_at", "id")

    def get_queryset(self) -> JarTagQuerySet:
        return JarTag.objects.of(self.request.user)

    @extend_schema(summary="My jar tags, oldest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(summary="Claim a blank tag, or make one", request=NewTag, responses={201: TagWire})
    @idempotent
    def post(self, request: SignedInApiRequest) -> Response:
        body = NewTag(data=request.data, context={"request": request})
        body.is_valid(raise_exception=True)
        verb = actions.claim if "code" in body.validated_data else actions.make
        tag = verb(owner=request.user, now=timezone.now(), **body.validated_data)
        return Response(dict(TagWire(tag).data), status=201)


class OfTag(APIView):
    """An endpoint below /tags/{id}; a stranger gets 404 before the body is read."""

    request: SignedInApiRequest
    tag: JarTag

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.tag = get_object_or_404(JarTag.objects.of(self.request.user), pk=kwargs["tag_id"])


class OneTag(OfTag):
    @extend_schema(summary="One jar tag", responses=TagWire)
    def get(self, request: Request, tag_id: UUID) -> Response:
        return Response(TagWire(self.tag).data)

    @extend_schema(summary="Rename it, or say what is in its jar now", request=TagChanges, responses=TagWire)
    def patch(self, request: Request, tag_id: UUID) -> Response:
        body = TagChanges(self.tag, data=request.data, partial=True, context={"request": request})
        body.is_valid(raise_exception=True)
        tag = actions.edit(tag=self.tag, now=timezone.now(), **body.validated_data)
        return Response(TagWire(tag).data)

    @extend_schema(summary="Give it up: its code opens nothing any more", responses={204: None})
    def delete(self, request: Request, tag_id: UUID) -> Response:
        actions.give_up(tag=self.tag)
        return Response(status=204)


class Code(OfTag):
    @extend_schema(summary="Another code; the old one is dead", request=None, responses={201: TagWire})
    @idempotent
    def post(self, request: SignedInApiRequest, tag_id: UUID) -> Response:
        return Response(dict(TagWire(actions.renew(tag=self.tag)).data), status=201)


class QRCode(OfTag):
    """The code for the jar, as a picture."""

    @extend_schema(summary="QR code as SVG", responses={(200, "image/svg+xml"): OpenApiTypes.BINARY})
    def get(self, request: Request, tag_id: UUID) -> HttpResponse:
        address = scan_address(self.tag.code, site=settings.SITE_URL)
        return HttpResponse(drawings.as_svg(address), content_type="image/svg+xml")
