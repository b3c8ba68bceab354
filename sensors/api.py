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

from accounts.idempotency import idempotent_with_secret
from accounts.requests import SignedInApiRequest
from batches.doors import OfBatch
from kefir.api.problems import Problem
from kefir.api.schema import ProblemBody
from kefir.api.wire import query_of
from sensors import actions, shapes
from sensors.bodies import ShortFormParser, ShortJSONParser
from sensors.models import Reading, Sensor, SensorQuerySet
from sensors.serializers import (
    AddedSensor,
    NewSensor,
    ReadingQuery,
    ReadingWire,
    SensorChanges,
    SensorWire,
    Taken,
)

# drf-spectacular takes what OpenAPI says, though it says otherwise.
BY_TOKEN: Any = [{"sensorToken": []}, {}]
PROBLEM = "application/problem+json"
ANSWERS = {
    201: Taken,
    200: OpenApiResponse(Taken, "This reading was here already."),
    (401, PROBLEM): OpenApiResponse(ProblemBody, "No sensor has this token, or not any more."),
    (413, PROBLEM): OpenApiResponse(ProblemBody, "More than 10 000 bytes."),
    (415, PROBLEM): OpenApiResponse(ProblemBody, "Neither JSON nor a form."),
    (429, PROBLEM): OpenApiResponse(ProblemBody, "One reading a minute; see Retry-After."),
}
BODY = {
    kind: {
        "type": "object",
        "description": "As iSpindel, Tilt, RAPT or a Brewfather custom stream send it.",
        "additionalProperties": True,
    }
    for kind in ("application/json", "application/x-www-form-urlencoded")
}


class Sensors(ListAPIView[Sensor]):
    request: SignedInApiRequest
    serializer_class = SensorWire
    ordering = ("created_at", "id")

    def get_queryset(self) -> SensorQuerySet:
        return Sensor.objects.of(self.request.user).kept().select_related("latest")

    @extend_schema(summary="My sensors, oldest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Add a sensor; the answer has its token", request=NewSensor, responses={201: AddedSensor}
    )
    @idempotent_with_secret
    def post(self, request: SignedInApiRequest) -> Response:
        body = NewSensor(data=request.data, context={"request": request})
        body.is_valid(raise_exception=True)
        try:
            sensor, token = actions.add(owner=request.user, now=timezone.now(), **body.validated_data)
        except actions.IdIsTaken as refusal:
            raise Problem(409, "id_taken", refusal.messages[0]) from refusal
        sensor.token = token  # type: ignore[attr-defined]
        return Response(dict(AddedSensor(sensor).data), status=201)


class OneSensor(APIView):
    request: SignedInApiRequest

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        mine = Sensor.objects.of(self.request.user).kept().select_related("latest")
        self.sensor = get_object_or_404(mine, pk=kwargs["sensor_id"])

    @extend_schema(summary="One sensor", responses=SensorWire)
    def get(self, request: Request, sensor_id: UUID) -> Response:
        return Response(SensorWire(self.sensor).data)

    @extend_schema(summary="Rename it, or put it into a batch", request=SensorChanges, responses=SensorWire)
    def patch(self, request: Request, sensor_id: UUID) -> Response:
        body = SensorChanges(self.sensor, data=request.data, partial=True, context={"request": request})
        body.is_valid(raise_exception=True)
        sensor = actions.edit(sensor=self.sensor, now=timezone.now(), **body.validated_data)
        return Response(SensorWire(sensor).data)

    @extend_schema(summary="Remove: its token is void at once", responses={204: None})
    def delete(self, request: Request, sensor_id: UUID) -> Response:
        actions.remove(sensor=self.sensor, now=timezone.now())
        return Response(status=204)


class Readings(OfBatch, ListAPIView[Reading]):
    serializer_class = ReadingWire
    ordering = ("-measured_at", "-id")

    def get_queryset(self) -> QuerySet[Reading]:
        if not hasattr(self, "batch"):
            return Reading.objects.none()
        since = query_of(ReadingQuery, self.request).get("since")
        readings = Reading.objects.filter(batch=self.batch)
        return readings.filter(measured_at__gte=since) if since else readings

    @extend_schema(summary="What sensors measured of a batch, newest first", parameters=[ReadingQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class TakesReadings(APIView):
    """For gadgets. The token is in the header, in the address, or in the body's field `token`."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    throttle_classes: list[Any] = []  # The sensor's row counts, so that it counts without Redis too.
    parser_classes = [ShortJSONParser, ShortFormParser]

    def take(self, request: Request, token: str) -> Response:
        try:
            sensor = actions.holder(token=token) if token else None
            sent = request.data
            sensor = sensor or actions.holder(token=token_in_body(sent))
            said = shapes.read(sent, in_plato=sensor.in_plato)
            return answer(*actions.take(sensor=sensor, said=said, now=timezone.now()))
        except actions.UnknownToken as refusal:
            raise unauthorized(refusal) from refusal
        except actions.TooSoon as refusal:
            raise Problem(429, "rate_limited", refusal.messages[0], retry_after=refusal.seconds) from refusal


class Ingest(TakesReadings):
    @extend_schema(
        operation_id="ingest",
        summary="Take a reading from a sensor",
        request=BODY,
        responses=ANSWERS,
        auth=BY_TOKEN,
    )
    def post(self, request: Request) -> Response:
        return self.take(request, token_in_header(request))


class IngestByAddress(TakesReadings):
    """For gadgets that can be told an address and nothing else."""

    @extend_schema(
        operation_id="ingest_by_address",
        summary="Take a reading from a sensor that knows nothing but an address",
        request=BODY,
        responses=ANSWERS,
        auth=[],
    )
    def post(self, request: Request, token: str) -> Response:
        return self.take(request, token)


def token_in_header(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def token_in_body(sent: Any) -> str:
    token = sent.get("token") if isinstance(sent, dict) else ""
    return token if isinstance(token, str) else ""


def unauthorized(refusal: actions.UnknownToken) -> Problem:
    problem = Problem(401, "unknown_token", refusal.messages[0])
    problem.auth_header = 'Bearer realm="kefir"'  # type: ignore[attr-defined]
    return problem


def answer(reading: Reading, is_new: bool) -> Response:  # noqa: FBT001 as the verb says it
    return Response(Taken(reading, context={"is_new": is_new}).data, status=201 if is_new else 200)
