"""A reminder as an e-mail."""

from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone

from reminders.models import Reminder


class MailFailed(Exception):
    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


def send(reminder: Reminder) -> None:
    """Raises MailFailed. A second try after a crash carries the same Message-ID, so that a mailbox shows one."""
    try:
        message(reminder).send()
    except SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        refused = all(code >= 500 for code in codes)
        raise MailFailed(f"The address was refused ({max(codes)}).", permanent=refused) from error
    except SMTPResponseException as error:
        raise MailFailed(f"The mail server answered {error.smtp_code}.", permanent=False) from error
    except (SMTPException, OSError) as error:
        raise MailFailed(
            f"The mail server cannot be reached ({type(error).__name__}).", permanent=False
        ) from error


def message(reminder: Reminder) -> EmailMultiAlternatives:
    context = {
        "reminder": reminder,
        "batch": reminder.batch,
        "address": f"{settings.SITE_URL}/batches/{reminder.batch_id}",
        "settings_address": f"{settings.SITE_URL}/settings/",
    }
    with timezone.override(ZoneInfo(reminder.owner.timezone)):
        text = render_to_string("reminders/email.txt", context)
        html = render_to_string("reminders/email.html", context)
    mail = EmailMultiAlternatives(
        subject=f"{reminder.batch.name}: {reminder.message}",
        body=text,
        to=[reminder.owner.email],
        headers={
            "Message-ID": f"<reminder-{reminder.pk}-{reminder.round}@{settings.SITE_HOST}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail
