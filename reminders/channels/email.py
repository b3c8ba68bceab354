"""Reminders as e-mails, text and HTML, many over one connection."""

import logging
import smtplib
import ssl
import time
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import get_template
from django.utils import timezone
from django.utils.translation import gettext_noop

from kefir import languages
from reminders.channels import SET_UP_WRONGLY, Failed, Later, Message, Outcome, Sent, providers, unclear

logger = logging.getLogger("kefir.channels.email")

BATCH = 50
# A call must be over long before the lease is; what has not gone by then goes with the next one.
SECONDS = 25
GOODBYE = 421
FULL = 552
# Enhanced status codes (RFC 3463) of an address that is wrong, has moved or is closed; of one that is full.
BAD_ADDRESS = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.0", "5.2.1")
FULL_MAILBOX = "5.2.2"
# The same where a server gives none.
BAD_ADDRESS_CODES = {550, 551, 553}


def send(messages: Sequence[Message], *, now: datetime) -> list[Outcome]:
    office, deadline = PostOffice(), time.monotonic() + SECONDS
    try:
        return [office.take(message, deadline) for message in messages]
    finally:
        office.close()


class PostOffice:
    """One connection for many mails, and a new one when the server has had enough of it.

    `trouble` is what the rest is told without being tried, when the server itself is the matter.
    """

    def __init__(self) -> None:
        self.connection = get_connection()
        self.trouble: Later | None = None
        self.carried = 0
        self.is_handed_over = False

    def take(self, message: Message, deadline: float) -> Outcome:
        if self.trouble:
            return self.trouble
        if time.monotonic() > deadline:
            return Later(gettext_noop("Too much was to be said at once."))
        try:
            self.carry(written(message))
        except providers.errors() as error:
            return providers.outcome_of(error, message)
        except (smtplib.SMTPException, OSError) as error:
            return self.outcome_of(error, message)
        except ValueError:
            # Such as an address that no mail server understands.
            logger.exception("A mail cannot be written: reminder %s", message.reminder_id)
            return Failed(gettext_noop("The mail cannot be written."))
        return Sent()

    def carry(self, mail: EmailMultiAlternatives) -> None:
        try:
            self.carry_once(mail)
        except smtplib.SMTPException as error:
            # Many servers take so many mails a connection; only one that took none at all is in trouble.
            if not is_goodbye(error) or self.is_handed_over or not self.carried:
                raise
            self.close()
            self.carry_once(mail)

    def carry_once(self, mail: EmailMultiAlternatives) -> None:
        self.is_handed_over = False
        if self.connection.open():
            self.carried = 0
            self.notice_the_handing_over()
        self.connection.send_messages([mail])
        self.carried += 1

    def notice_the_handing_over(self) -> None:
        """A mail is the server's when it has all of it: smtplib sends commands as text and mails as bytes."""
        smtp = getattr(self.connection, "connection", None)
        if not isinstance(smtp, smtplib.SMTP):
            return
        send = smtp.send

        def noticing(what: str | bytes) -> None:
            send(what)
            self.is_handed_over = self.is_handed_over or isinstance(what, bytes)

        smtp.send = noticing  # type: ignore[method-assign, assignment]

    def close(self) -> None:
        try:
            self.connection.close()
        except (smtplib.SMTPException, OSError):
            logger.debug("The mail server does not say goodbye.")

    # --- what went wrong ----------------------------------------------------------------------------------------

    def outcome_of(self, error: smtplib.SMTPException | OSError, message: Message) -> Outcome:
        match error:
            case smtplib.SMTPRecipientsRefused():
                [(code, text), *_] = error.recipients.values()
                return of_refused_address(code, text)
            case smtplib.SMTPDataError() if error.smtp_code >= 400:
                return of_refused_content(error.smtp_code)
            case smtplib.SMTPSenderRefused() | smtplib.SMTPHeloError() | smtplib.SMTPConnectError():
                return self.refused(error.smtp_code)
            case smtplib.SMTPAuthenticationError():
                return self.refused(error.smtp_code)
            case smtplib.SMTPNotSupportedError() | ssl.SSLCertVerificationError():
                return self.set_up_wrongly(f"the mail server is another one ({type(error).__name__}).")
        if self.is_handed_over:
            self.trouble = Later(gettext_noop("The mail server does not answer."))
            return unclear(message, f"The mail server did not answer ({type(error).__name__}).")
        self.trouble = Later(f"The mail server cannot be reached ({type(error).__name__}).")
        return self.trouble

    def refused(self, code: int) -> Later:
        if code >= 500:
            return self.set_up_wrongly(f"the mail server refuses us ({code}).")
        self.trouble = Later(f"The mail server answered {code}.")
        return self.trouble

    def set_up_wrongly(self, what: str) -> Later:
        """Nobody's address is to blame; the others need not find that out one by one."""
        logger.error("Mail cannot be sent: %s", what)
        self.trouble = Later(f"{SET_UP_WRONGLY} {what}")
        return self.trouble


def is_goodbye(error: smtplib.SMTPException) -> bool:
    match error:
        case smtplib.SMTPResponseException():
            return error.smtp_code == GOODBYE
        case smtplib.SMTPRecipientsRefused():
            return any(code == GOODBYE for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPServerDisconnected)


def of_refused_address(code: int, text: bytes) -> Outcome:
    reason, enhanced = f"The address was refused ({code}).", enhanced_status(text)
    if code < 500 or enhanced == FULL_MAILBOX or code == FULL:
        return Later(reason)
    is_bad = enhanced in BAD_ADDRESS if enhanced else code in BAD_ADDRESS_CODES
    return Failed(reason, retires=is_bad)


def of_refused_content(code: int) -> Outcome:
    reason = f"The mail was refused ({code})."
    return Later(reason) if code < 500 else Failed(reason)


def enhanced_status(text: bytes) -> str:
    first = text.split(maxsplit=1)[0].decode("ascii", "replace") if text.strip() else ""
    return first if first[:2] in {"4.", "5."} and first.replace(".", "").isdecimal() else ""


# --- what is written --------------------------------------------------------------------------------------------


def written(message: Message) -> EmailMultiAlternatives:
    context = {"message": message, "settings_link": f"{settings.SITE_URL}/settings/"}
    if message.batch_id:
        context["batch_link"] = f"{settings.SITE_URL}/batches/{message.batch_id}"
    if message.grains_id:
        context["grains_link"] = f"{settings.SITE_URL}/grains/{message.grains_id}"
    with timezone.override(ZoneInfo(message.zone)), languages.spoken(message.language):
        text = get_template("reminders/email.txt").render(context)
        html = get_template("reminders/email.html").render(context)
    mail = EmailMultiAlternatives(subject(message), text, to=[message.address.to], headers=headers(message))
    mail.attach_alternative(html, "text/html")
    return mail


def subject(message: Message) -> str:
    return " ".join(f"{message.title}: {message.body}".split())


def headers(message: Message) -> dict[str, str]:
    """The same Message-ID for the same round, so that a mailbox shows one; RFC 3834, 2369 and 8058."""
    known = {
        "Message-ID": f"<reminder-{message.identity}@{settings.SITE_HOST}>",
        "Auto-Submitted": "auto-generated",
    }
    if message.unsubscribe_link:
        known["List-Unsubscribe"] = f"<{message.unsubscribe_link}>"
        known["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return known
