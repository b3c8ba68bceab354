"""Local mode keeps e-mails in files instead of sending them, and shows them at /dev/mail/, newest first."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import getaddresses
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path

KEPT = 200


class Backend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.DEV_MAIL_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            now = datetime.now(UTC)
            draft = folder / f".{uuid4().hex}"
            draft.write_text(json.dumps(described(message, sent_at=now)), encoding="utf-8")
            draft.rename(folder / f"{now:%Y%m%dT%H%M%S%f}-{uuid4().hex[:8]}.json")
        for old in sorted(folder.glob("*.json"))[:-KEPT]:
            old.unlink(missing_ok=True)
        return len(email_messages)


def described(message: EmailMessage, *, sent_at: datetime) -> dict[str, Any]:
    mail = message.message()
    html = [content for content, kind in getattr(message, "alternatives", []) if kind == "text/html"]
    return {
        "to": [address for _, address in getaddresses(message.recipients())],
        "subject": str(message.subject),
        "text": str(message.body),
        "html": str(html[0]) if html else "",
        "headers": {name: str(value) for name, value in mail.items()},
        "sentAt": sent_at.isoformat().replace("+00:00", "Z"),
    }


def kept() -> list[dict[str, Any]]:
    files = sorted(Path(settings.DEV_MAIL_DIR).glob("*.json"), reverse=True)
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def page(request: HttpRequest) -> HttpResponse:
    mails = [mail | {"at": datetime.fromisoformat(mail["sentAt"])} for mail in mails_or_404()]
    return TemplateResponse(request, "dev_mail.html", {"mails": mails})


def as_json(request: HttpRequest) -> HttpResponse:
    return JsonResponse(mails_or_404(), safe=False)


def mails_or_404() -> list[dict[str, Any]]:
    """Never outside local mode, even if somebody mounts it there."""
    if not settings.LOCAL:
        raise Http404
    return kept()


urlpatterns = [path("dev/mail/", page, name="dev-mail"), path("dev/mail.json", as_json)]
