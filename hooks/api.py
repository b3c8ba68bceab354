from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent, idempotent_with_secret
from accounts.requests import SignedInApiRequest
from hooks import actions
from hooks.models import Endpoint, HookDelivery
from hooks.serializers import (
    EndpointAndSecret,
    EndpointChanges,
    EndpointWire,
    HookDeliveryWire,
    NewEndpoint,
)


class Webhooks(ListAPIView[Endpoint]):
    request: SignedInApiRequest
    serializer_class = EndpointWire
    ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[Endpoint]:
        return Endpoint.objects.of(self.request.user)

    @extend_schema(summary="My webhooks, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(summary="Add a webhook", request=NewEndpoint, responses={201: EndpointAndSecret})
    @idempotent_with_secret
    def post(self, request: SignedInApiRequest) -> Response:
        body = NewEndpoint(data=request.data)
        body.is_valid(raise_exception=True)
        endpoint = actions.add(user=request.user, now=timezone.now(), **body.validated_data)
        return Response(EndpointAndSecret(endpoint).data, status=201)


class OfWebhook(APIView):
    request: SignedInApiRequest

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        mine = Endpoint.objects.of(self.request.user)
        self.endpoint = get_object_or_404(mine, pk=kwargs["endpoint_id"])


class OneWebhook(OfWebhook):
    @extend_schema(summary="One webhook", responses=EndpointWire)
    def get(self, request: Request, endpoint_id: str) -> Response:
        return Response(EndpointWire(self.endpoint).data)

    @extend_schema(summary="Change it, switch it off or on", request=EndpointChanges, responses=EndpointWire)
    def patch(self, request: Request, endpoint_id: str) -> Response:
        body = EndpointChanges(self.endpoint, data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        endpoint = actions.edit(endpoint=self.endpoint, now=timezone.now(), **body.validated_data)
        return Response(EndpointWire(endpoint).data)

    @extend_schema(summary="Remove", responses={204: None})
    def delete(self, request: Request, endpoint_id: str) -> Response:
        actions.remove(endpoint=self.endpoint)
        return Response(status=204)


class Secret(OfWebhook):
    @extend_schema(
        summary="A new secret; for a day the former one signs too",
        request=None,
        responses={201: EndpointAndSecret},
    )
    @idempotent_with_secret
    def post(self, request: SignedInApiRequest, endpoint_id: str) -> Response:
        """With an Idempotency-Key a lost answer can be had again; rolled twice, the secret in use would be gone."""
        endpoint = actions.roll_secret(endpoint=self.endpoint, now=timezone.now())
        return Response(EndpointAndSecret(endpoint).data, status=201)


class Test(OfWebhook):
    @extend_schema(summary="Send a test message", request=None, responses={201: HookDeliveryWire})
    @idempotent
    def post(self, request: SignedInApiRequest, endpoint_id: str) -> Response:
        delivery = actions.ping(endpoint=self.endpoint, now=timezone.now())
        return Response(HookDeliveryWire(delivery).data, status=201)


class Deliveries(OfWebhook, ListAPIView[HookDelivery]):
    serializer_class = HookDeliveryWire
    ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[HookDelivery]:
        if not hasattr(self, "endpoint"):
            return HookDelivery.objects.none()
        return self.endpoint.deliveries.select_related("message")

    @extend_schema(summary="What became of its messages, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class Replay(APIView):
    request: SignedInApiRequest

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        mine = HookDelivery.objects.of(self.request.user).select_related("message")
        self.delivery = get_object_or_404(mine, pk=kwargs["hook_delivery_id"])

    @extend_schema(summary="Send again what was given up", request=None, responses=HookDeliveryWire)
    def post(self, request: Request, hook_delivery_id: str) -> Response:
        delivery = actions.replay(delivery=self.delivery, now=timezone.now())
        return Response(HookDeliveryWire(delivery).data)
