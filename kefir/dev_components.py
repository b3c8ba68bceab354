"""Each component in all its states, light and dark: for whoever draws. In local mode only."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from batches import drawing

SPRITE = settings.BASE_DIR / "static/img/icons.svg"
STATES = [
    ("open", "Open jar"),
    ("bottled", "Bottled"),
    ("in_fridge", "In the fridge"),
    ("ready", "Ready"),
    ("archived", "Archived"),
]
LONG = "A name that somebody wrote very late at night, and went on writing, Donaudampfschifffahrtsgesellschaftskefir"


class Sample(forms.Form):
    name = forms.CharField(help_text="Words that help.")
    amount = forms.FloatField(label="Sugar, g", required=False)
    kind = forms.ChoiceField(choices=[("pet", "Plastic"), ("glass", "Glass")], widget=forms.RadioSelect)
    at = forms.DateTimeField(widget=forms.DateTimeInput({"type": "datetime-local"}), required=False)
    notes = forms.CharField(widget=forms.Textarea({"rows": 2}), required=False)
    agreed = forms.BooleanField(label="Start the next jar", required=False)


def page(request: HttpRequest) -> HttpResponse:
    if not settings.LOCAL:
        raise Http404
    icons = re.findall(r'<symbol id="([\w-]+)"', SPRITE.read_text(encoding="utf-8"))
    return TemplateResponse(request, "dev_components.html", {"icons": icons, **samples(timezone.now())})


def samples(now: datetime) -> dict[str, Any]:
    return {
        "states": STATES,
        "long": LONG,
        "schemes": ["light", "dark"],
        "kinds": ["main", "state", "soft", "quiet", "danger"],
        "soon": now + timedelta(hours=3),
        "past": datetime(2026, 3, 1, 12, tzinfo=UTC),
        "paper": drawing,
        "charts": {scheme: chart(scheme, now) for scheme in ("light", "dark")},
        "values": [("pH", "3.9"), ("", "24 °C")],
        "facts": [("Liquid", "1 000 ml"), ("Sugar, raw cane", "80 g"), ("Not known", "")],
        "fresh": Sample(prefix="fresh"),
        "wrong": Sample({"wrong-amount": "much"}, prefix="wrong"),
    }


def chart(scheme: str, now: datetime) -> dict[str, Any] | None:
    """Its key becomes an id, so each scheme has one of its own."""
    line = [(now - timedelta(hours=12 * (5 - n)), ph) for n, ph in enumerate([5.8, 5.1, 4.4, 4.0, 3.8])]
    panel = drawing.panel([("", line)], words="{:g}".format, at_least=0.5, breaks=False)
    return drawing.described(f"sample-{scheme}", "pH", "", panel, "{:g}".format)


urlpatterns = [path("dev/components/", page, name="dev-components")]
