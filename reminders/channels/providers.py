"""Mail through a provider's API (django-anymail): what its errors mean, and what it tells us afterwards."""

import logging
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from reminders.channels import SET_UP_WRONGLY, Failed, Later, Message, Outcome, unclear

logger = logging.getLogger("kefir.channels.email")

# Of the reasons for refusing an address, those that say that it does not work.
BROKEN = {"invalid", "bounced", "other", None}
UNWANTED = {"unsubscribed", "spam"}


def errors() -> tuple[type[Exception], ...]:
    """None without a provider: anymail brings an HTTP library that nobody else here needs."""
    if not settings.EMAIL_PROVIDER:
        return ()
    from anymail.exceptions import AnymailError  # noqa: PLC0415

    return (AnymailError,)


def outcome_of(error: Any, message: Message) -> Outcome:
    from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused  # noqa: PLC0415

    if isinstance(error, AnymailRecipientsRefused):
        return Failed(gettext_noop("The mail provider refuses the address."), retires=True)
    if isinstance(error, AnymailAPIError):
        return of_status(error, message)
    return Failed(f"The mail provider cannot send it ({type(error).__name__}).")


def of_status(error: Any, message: Message) -> Outcome:
    status = error.status_code
    if status is None:
        reason = f"The mail provider did not answer ({type(error.__cause__ or error).__name__})."
        return Later(reason) if never_left(error.__cause__) else unclear(message, reason)
    reason = f"The mail provider answered {status}."
    if status == 504:
        return unclear(message, reason)
    if status in {408, 425, 429} or status >= 500:
        return Later(reason)
    if status in {401, 402, 403}:
        logger.error("The mail provider refuses us: HTTP %d. See EMAIL_PROVIDER_KEY.", status)
        return Later(f"{SET_UP_WRONGLY} the mail provider answered {status}.")
    return Failed(reason)


def never_left(error: BaseException | None) -> bool:
    """Nobody was there to take it. requests wraps what urllib3 says, in its first argument."""
    inner = error.args[0] if error and error.args else None
    return isinstance(getattr(inner, "reason", None), NewConnectionError | ConnectTimeoutError)


def wants_no_more(event: Any) -> bool:
    """Whether a person said so: to the provider, or by calling a mail spam."""
    return event.event_type in {"complained", "unsubscribed"} or event.reject_reason in UNWANTED


def gives_up(event: Any) -> bool:
    """Whether the next mail will not arrive either."""
    is_back = event.event_type in {"bounced", "rejected"} and event.reject_reason in BROKEN
    return is_back and not is_soft(event.esp_event)


def is_soft(said: Any) -> bool:
    """A full mailbox, say: of this mail it is the end, of the address it is not. Only the provider's own word tells."""
    words = [said.get(name) for name in ("Type", "event", "type")] if hasattr(said, "get") else []
    return any("soft" in str(word).lower() for word in words)


def reason_of(event: Any) -> str:
    return f"Mail to this address comes back ({event.reject_reason or event.event_type})."
