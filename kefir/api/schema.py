"""The OpenAPI document: what drf-spectacular cannot see by itself."""

from collections.abc import Iterator
from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from kefir.api.problems import MEDIA_TYPE


class ProblemError(serializers.Serializer):
    field = serializers.CharField(
        help_text="Path of the field, such as reminders.0.dueAt; empty for the whole."
    )
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemBody(serializers.Serializer):
    """RFC 9457 problem details."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField(required=False)
    errors = ProblemError(many=True, required=False)  # type: ignore[assignment]
    requestId = serializers.CharField()  # noqa: N815


REFUSALS = {
    "400": "Something in the request cannot be used; nothing was changed.",
    "401": "Not signed in, or not any more.",
    "403": "The access token does not reach so far (`insufficient_scope`), or a browser's CSRF token is missing.",
    "404": "Not there, or not yours.",
    "429": "Too often; see Retry-After.",
    "503": "Something that is needed does not answer, or Kefir is being worked on; see Retry-After.",
}
# Of an operation that changes something.
CHANGE_REFUSALS = {"409": "Somebody else is changing this just now; try again in a moment."}
# Of an operation that takes a body.
BODY_REFUSALS = {
    "411": "The request does not say how long its body is.",
    "413": "The body is too large.",
    "415": "The body is of another type than JSON.",
}
# Of an operation that creates, and so takes an Idempotency-Key.
KEY_REFUSALS = {"422": "The key was used for another request already."}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Sent twice with the same body, the request is done once and answered twice.",
)
REPLAYED = OpenApiParameter(
    "Idempotent-Replayed",
    str,
    OpenApiParameter.HEADER,
    response=[200, 201, 202],
    enum=["true"],
    description="This was answered before, to the same key.",
)
RETRY_AFTER = OpenApiParameter(
    "Retry-After", int, OpenApiParameter.HEADER, response=[409, 429, 503], description="In how many seconds."
)
SAFE = {"GET", "HEAD", "OPTIONS"}


class Schema(AutoSchema):
    """Every operation may answer with a problem."""

    @property
    def takes_key(self) -> bool:
        return getattr(getattr(self.view, self.method.lower(), None), "takes_idempotency_key", False)

    def get_override_parameters(self) -> list[Any]:
        return [RETRY_AFTER, *([IDEMPOTENCY_KEY, REPLAYED] if self.takes_key else [])]

    @property
    def refusals(self) -> dict[str, str]:
        of_changes = {} if self.method in SAFE else CHANGE_REFUSALS
        of_bodies = BODY_REFUSALS if self.method in {"POST", "PATCH", "PUT"} else {}
        return REFUSALS | of_changes | of_bodies | (KEY_REFUSALS if self.takes_key else {})

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status, sentence in self.refusals.items():
            if status not in bodies:
                bodies[status] = self._get_response_for_code(
                    OpenApiResponse(ProblemBody, sentence), status, [MEDIA_TYPE]
                )
        return bodies


def only_known_fields(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A body with a field that we do not know is refused, and the document says so."""
    schemas = result.get("components", {}).get("schemas", {})
    for body in (node["requestBody"] for node in _nodes(result["paths"]) if "requestBody" in node):
        for node in _nodes(body):
            _close(node.get("$ref", ""), schemas)
    return result


def _close(reference: str, schemas: dict[str, Any]) -> None:
    schema = schemas.get(reference.rpartition("/")[2], {})
    if "properties" not in schema or "additionalProperties" in schema:
        return
    schema["additionalProperties"] = False
    for node in _nodes(schema["properties"]):
        _close(node.get("$ref", ""), schemas)


def refusals_are_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Whatever an operation says of a status from 400 on, it is said as problem+json."""
    for responses in (node["responses"] for node in _nodes(result["paths"]) if "responses" in node):
        for status, response in responses.items():
            if status >= "400" and "application/json" in response.get("content", {}):
                response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
    return result


def also_empty(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A text that has a pattern or is empty: an empty one may fit both, so it is any of the two, not one of them."""
    for node in _nodes(result):
        if isinstance(choices := node.get("oneOf"), list) and any(
            one.get("maxLength") == 0 for one in choices
        ):
            node["anyOf"] = node.pop("oneOf")
    return result


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    for inner in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _nodes(inner)
