"""A POST that was sent twice is answered twice and done once: `Idempotency-Key`.

The record of the key is written in the transaction of what it made, so neither can be there without the other.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial, wraps
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from accounts.models import AnsweredRequest
from accounts.requests import SignedInApiRequest
from accounts.secrets import vault
from kefir.api.problems import Problem

KEPT_FOR = timedelta(days=7)
LONGEST_KEY = 255
SEALED = "sealed under the key of whoever asked"

Handler = Callable[..., Response]
# Given the view, the request and what else its handler is given.
Before = Callable[..., None]
# Given the view and the answer that was kept: what is answered now.
Renewal = Callable[[Any, Any], Any]


def idempotent(handler: Handler) -> Handler:
    """The answer is kept as it was given, for whoever asks again with the same key."""
    return answered_once(handler)


def idempotent_with_secret(handler: Handler) -> Handler:
    """For an answer that nobody else may read: it is kept sealed, and only who has the key opens it."""
    return answered_once(handler, has_secret=True)


def idempotent_after(before: Before) -> Callable[[Handler], Handler]:
    """For what must first ask somebody outside: that is done before the transaction begins."""
    return partial(answered_once, before=before)


def idempotent_renewed(renewed: Renewal) -> Callable[[Handler], Handler]:
    """For an answer of which a part is true for a while only: that is made anew for whoever asks again."""
    return partial(answered_once, renewed=renewed)


def answered_once(
    handler: Handler,
    *,
    has_secret: bool = False,
    before: Before = lambda *_args, **_kwargs: None,
    renewed: Renewal = lambda _view, body: body,
) -> Handler:
    @wraps(handler)
    def post(view: Any, request: SignedInApiRequest, *args: Any, **kwargs: Any) -> Response:
        before(view, request, *args, **kwargs)
        key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
        if not key:
            return handler(view, request, *args, **kwargs)
        if len(key) > LONGEST_KEY:
            raise Problem(400, "invalid_key", f"An Idempotency-Key has at most {LONGEST_KEY} characters.")
        with transaction.atomic():
            answered, is_new = claim(request, key)
            if not is_new:
                replayed = replay(answered, fingerprint(request), key)
                replayed.data = renewed(view, replayed.data)
                return replayed
            response = handler(view, request, *args, **kwargs)
            keep(answered, response, sealed_with=key if has_secret else "")
            return response

    # The OpenAPI document says so.
    post.takes_idempotency_key = True  # type: ignore[attr-defined]
    return post


def claim(request: SignedInApiRequest, key: str) -> tuple[AnsweredRequest, bool]:
    """Of many at once one is new; the others wait here until it has committed, or take its place if it did not."""
    return AnsweredRequest.objects.get_or_create(
        user=request.user,
        route=f"{request.method} {request.path_info}"[:200],
        key=hashlib.sha256(key.encode("utf-8", "replace")).hexdigest(),
        defaults={"fingerprint": fingerprint(request)},
    )


def fingerprint(request: SignedInApiRequest) -> str:
    body = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def replay(answered: AnsweredRequest, asked: str, key: str) -> Response:
    if answered.fingerprint != asked:
        raise Problem(
            422, "idempotency_key_reused", _("This Idempotency-Key was used for another request already.")
        )
    return Response(
        opened(answered.body, key),
        status=answered.status,
        headers={**answered.headers, "Idempotent-Replayed": "true"},
    )


def keep(answered: AnsweredRequest, response: Response, *, sealed_with: str = "") -> None:
    body = JSONRenderer().render(response.data) or b"null"
    answered.status = response.status_code
    answered.body = sealed(body, sealed_with) if sealed_with else json.loads(body)
    answered.headers = {name: response[name] for name in ("ETag",) if name in response}
    answered.save(update_fields=["status", "body", "headers"])


def sealed(body: bytes, key: str) -> dict[str, str]:
    """Under the site's own key and the client's, of which only a fingerprint is kept."""
    return {SEALED: vault(purpose(key)).encrypt(body).decode()}


def opened(body: Any, key: str) -> Any:
    if not isinstance(body, dict) or body.keys() != {SEALED}:
        return body
    try:
        return json.loads(vault(purpose(key)).decrypt(body[SEALED]))
    except InvalidToken as lost:
        # The site's key was changed, without keeping the former one.
        raise Problem(
            409, "answer_lost", _("This was done, and its answer cannot be read any more.")
        ) from lost


def purpose(key: str) -> bytes:
    return b"accounts answers " + key.encode("utf-8", "replace")
