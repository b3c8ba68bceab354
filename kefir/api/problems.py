"""Errors of the API, all of one shape: RFC 9457 problem+json."""

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    ValidationError,
)
from django.db import DatabaseError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from kefir import limits, logs
from kefir.api.names import camel

logger = logging.getLogger("kefir.problems")

MEDIA_TYPE = "application/problem+json"
LOCK_NOT_AVAILABLE = "55P03"
# The database has ended a transaction in which nothing was asked for too long.
IDLE_IN_TRANSACTION = "25P03"

Sentence = str | Promise
SENTENCES: Mapping[str, Sentence] = {
    "not_found": gettext_lazy("There is nothing here that you may see."),
    "not_authenticated": gettext_lazy("Sign in first."),
    "authentication_failed": gettext_lazy("Sign in again."),
    "permission_denied": gettext_lazy("You may not do this."),
    "invalid": gettext_lazy("Some of what was sent cannot be used. Nothing was changed."),
    "too_large": gettext_lazy("What was sent is too large."),
    "length_required": gettext_lazy("Say how long the body is (Content-Length)."),
    "busy": gettext_lazy("Somebody else is changing this just now. Try again in a moment."),
    "unavailable": gettext_lazy("Something Kefir needs is not answering. Try again in a moment."),
    "maintenance": gettext_lazy("Kefir is being worked on. Try again in some minutes."),
    "error": gettext_lazy("Something went wrong on our side. It has been noted; nothing was changed."),
}


class Problem(exceptions.APIException):
    """A refusal with a status and a code of its own: `raise Problem(412, "stale", "…")`."""

    def __init__(
        self, status: int, code: str, detail: Sentence, *, retry_after: int | None = None, **members: Any
    ) -> None:
        self.status_code = status
        self.wait = retry_after
        self.members = members
        super().__init__(str(detail), code)


def problem(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER: whatever stopped the request, as problem+json."""
    body, headers = described(exc)
    if body["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("The API failed", exc_info=exc)
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def described(exc: Exception) -> tuple[dict[str, Any], dict[str, str]]:
    match exc:
        case ValidationError():
            return refusal(from_django(exc)), {}
        case exceptions.ValidationError():
            return refusal(list(flat(exc.detail))), {}
        case RequestDataTooBig() | TooManyFieldsSent():
            return body_of(413, "too_large", SENTENCES["too_large"]), {}
        case Http404() | exceptions.NotFound():
            return body_of(404, "not_found", SENTENCES["not_found"]), {}
        case PermissionDenied():
            return body_of(403, "permission_denied", SENTENCES["permission_denied"]), {}
        case exceptions.Throttled():
            return of_throttle(exc)
        case exceptions.APIException():
            return of_api_exception(exc)
        case limits.TooOften():
            seconds = str(exc.seconds)
            return body_of(
                429, "rate_limited", _("Too often. Try again in %(seconds)s s.") % {"seconds": seconds}
            ), {"Retry-After": seconds}
        case limits.Unavailable():
            return body_of(503, "unavailable", SENTENCES["unavailable"]), {"Retry-After": "60"}
        case DatabaseError() if is_of_the_world(exc):
            return of_database(exc)
        case SuspiciousOperation():
            return body_of(400, "bad_request", _("That request makes no sense here.")), {}
        case _:
            return body_of(500, "error", SENTENCES["error"]), {}


def of_throttle(exc: exceptions.Throttled) -> tuple[dict[str, Any], dict[str, str]]:
    seconds = str(int(getattr(exc, "wait", None) or 1))
    return body_of(429, "rate_limited", _("Too often. Try again in %(seconds)s s.") % {"seconds": seconds}), {
        "Retry-After": seconds
    }


def of_api_exception(exc: exceptions.APIException) -> tuple[dict[str, Any], dict[str, str]]:
    code = str(getattr(exc.detail, "code", exc.default_code))
    headers = {}
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait) or 1)
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    detail = str(exc.detail) if isinstance(exc, Problem) else SENTENCES.get(code, str(exc.detail))
    return body_of(exc.status_code, code, detail, **getattr(exc, "members", {})), headers


def of_database(exc: DatabaseError) -> tuple[dict[str, Any], dict[str, str]]:
    if sqlstate_of(exc) == LOCK_NOT_AVAILABLE:
        return body_of(409, "busy", SENTENCES["busy"]), {"Retry-After": "1"}
    return body_of(503, "unavailable", SENTENCES["unavailable"]), {"Retry-After": "5"}


def is_of_the_world(exc: DatabaseError) -> bool:
    """The database is away, or somebody kept it waiting: no mistake of ours in what was asked."""
    return isinstance(exc, OperationalError) or sqlstate_of(exc) == IDLE_IN_TRANSACTION


def sqlstate_of(exc: DatabaseError) -> str | None:
    return getattr(exc.__cause__, "sqlstate", None)


def body_of(status: int, code: str, detail: Sentence, **members: Any) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": str(detail),
        "requestId": logs.request_id.get(),
        **members,
    }


def refusal(errors: list[dict[str, str]]) -> dict[str, Any]:
    """What the person can mend: 400, with each field; one refusal without a field lends its code to the whole."""
    alone = errors[0] if len(errors) == 1 and not errors[0]["field"] else None
    code, detail = (alone["code"], alone["detail"]) if alone else ("invalid", SENTENCES["invalid"])
    return body_of(400, code, detail, errors=errors)


def flat(detail: Any, field: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested errors as one list; `errors[].field` is a path such as `reminders.0.dueAt`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name == api_settings.NON_FIELD_ERRORS_KEY else str(name)
            yield from flat(inner, ".".join(part for part in (field, own) if part))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            deeper = isinstance(inner, dict | list)
            yield from flat(inner, f"{field}.{position}".lstrip(".") if deeper else field)
    else:
        yield {"field": field, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}


def from_django(error: ValidationError) -> list[dict[str, str]]:
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    return [
        {
            "field": "" if field == NON_FIELD_ERRORS else camel(field),
            "code": one.code or "invalid",
            "detail": message,
        }
        for field, errors in by_field.items()
        for one in errors
        for message in one.messages
    ]


def problem_response(status: int, code: str, detail: Sentence, **headers: str) -> HttpResponse:
    """The same shape where DRF is not at work: middleware, unknown addresses, the server's own errors."""
    return JsonResponse(
        body_of(status, code, detail), status=status, content_type=MEDIA_TYPE, headers=headers or None
    )


def for_request(request: HttpRequest, status: int, code: str) -> HttpResponse | None:
    """The problem for an API address; None for a page, which says it in HTML."""
    if not request.path_info.startswith("/api/"):
        return None
    return problem_response(status, code, SENTENCES[code])
