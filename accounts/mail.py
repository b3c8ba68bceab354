"""What is written to people, and how it leaves the house."""

import logging
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string

from accounts.models import EmailWhen, User
from accounts.models.people import NOBODY
from kefir import languages

logger = logging.getLogger("accounts.mail")


class MailNotSent(Exception):
    """The mail server does not take it; the person should be told rather than left waiting."""


def send(name: str, to: str, *, message_id: str = "", language: str = "", **context: Any) -> None:
    """Write the mail of this name (templates/account/email) and hand it over. Raises MailNotSent.

    To a trial nothing goes. `message_id` is for what may be sent twice: a mailbox shows one of two with the same.
    `language` is the reader's.
    """
    if to.endswith(NOBODY):
        return
    with languages.spoken(language):
        message = written(name, to, **context)
    if message_id:
        message.extra_headers["Message-ID"] = f"<{message_id}@{settings.SITE_HOST or 'localhost'}>"
    try:
        message.send()
    except failures() as error:
        raise MailNotSent from error


def takes_news(user: User) -> bool:
    """Who wants no reminders by mail reads on the pages what else there is to know."""
    may_hear = user.is_active and not user.is_leaving
    return may_hear and user.email_when != EmailWhen.NEVER and user.email_failed_at is None


def failures() -> tuple[type[Exception], ...]:
    """What the world may do to a mail: a server that is away or refuses, or a provider that does."""
    if not settings.EMAIL_PROVIDER:
        return SMTPException, OSError
    from anymail.exceptions import AnymailError  # noqa: PLC0415 it brings an HTTP library, for those who use it

    return SMTPException, OSError, AnymailError


def tell(name: str, to: str, **context: Any) -> None:
    """Like send, for news about what has happened already: a mail server that is away undoes nothing."""
    try:
        send(name, to, **context)
    except MailNotSent:
        logger.exception("A mail could not be sent: %s", name)


def written(name: str, to: str, **context: Any) -> EmailMultiAlternatives:
    context = {"SITE_URL": settings.SITE_URL, "email": to, **context}
    subject = " ".join(render_to_string(f"account/email/{name}_subject.txt", context).split())
    text = render_to_string(f"account/email/{name}_message.txt", context).strip() + "\n"
    message = EmailMultiAlternatives(subject, text, to=[to])
    try:
        message.attach_alternative(
            render_to_string(f"account/email/{name}_message.html", context), "text/html"
        )
    except TemplateDoesNotExist:
        return message
    return message
