"""Which jar a batch is started in, on its page; a tag, so that batches' templates need no import upwards."""

from typing import Any

from django import template
from django.template import Context

from tags.models import JarTag

register = template.Library()

OFFERED = 12


@register.inclusion_tag("tags/_jar_to_fill.html", takes_context=True)
def jar_to_fill(context: Context, chosen: JarTag | str | None) -> dict[str, Any]:
    """Tags of jars that are empty: to start in one is another address."""
    empty = JarTag.objects.of(context["user"]).filter(batch=None).oldest_first()
    return {"chosen": chosen, "tags": empty[:OFFERED]}
