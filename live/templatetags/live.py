"""A page that shows what changes elsewhere while it is open."""

from typing import Any

from django import template
from django.template import Context
from django.urls import reverse

from live.addresses import stream_address
from live.changes import DRAWN_WITHIN

register = template.Library()


@register.inclusion_tag("live/_listens.html", takes_context=True)
def listens(context: Context, batch_id: str = "") -> dict[str, Any]:
    """In a page's content, once: to whatever its reader has, or to one batch of theirs."""
    return {
        "stream": stream_address(context["request"].get_host()),
        "asks": reverse("live:now"),
        "since": (context["now"] - DRAWN_WITHIN).isoformat(),
        "batch_id": batch_id,
    }
