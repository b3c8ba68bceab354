"""The link in each e-mail that ends them: signed, for one person, and good for ever."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse


def link_for(user_id: UUID | str) -> str:
    token = _signer().sign(UUID(str(user_id)).hex)
    return settings.SITE_URL + reverse("reminders:unsubscribe", args=[token])


def whose(token: str) -> UUID | None:
    try:
        return UUID(_signer().unsign(token))
    except (BadSignature, ValueError):
        return None


def _signer() -> Signer:
    return Signer(salt="reminders.unsubscribe", sep=".")
