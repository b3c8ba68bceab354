"""Components: templates that say the same whenever they are given the same, so each is drawn once for its values."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template import Context, Engine
from django.template.base import FilterExpression
from django.template.loader_tags import IncludeNode
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language

FOLDER = "components/"
MOST = 3_000  # some three megabytes
# Of these two that are equal are drawn alike. Of models they need not be, nor of a string and one that is safe: the
# types belong to what a piece is kept by.
PLAIN = frozenset({str, SafeString, int, float, bool, type(None), datetime})


class Component(IncludeNode):
    """`{% include "components/…" with … only %}`, kept where all that it is given is plain."""

    def render(self, context: Context) -> SafeString:
        given = {name: value.resolve(context) for name, value in self.extra_context.items()}
        if not context.autoescape or not all(is_plain(value) for value in given.values()):
            drawn: SafeString = super().render(context)
            return drawn
        return draw(str(self.template.var), given)


def is_component(node: IncludeNode) -> bool:
    template = node.template
    named = isinstance(template, FilterExpression) and not template.filters and isinstance(template.var, str)
    return named and str(template.var).startswith(FOLDER) and bool(node.isolated_context)


def is_plain(value: Any) -> bool:
    if type(value) is tuple:
        return all(is_plain(one) for one in value)
    return type(value) in PLAIN or isinstance(value, Promise)


def told(value: Any) -> Any:
    """Words that wait for a language are words by now."""
    if type(value) is tuple:
        return tuple(told(one) for one in value)
    return str(value) if isinstance(value, Promise) else value


def kinds(value: Any) -> Any:
    """Of what is within: of the value itself they are asked anyway."""
    return tuple((type(one), kinds(one)) for one in value) if type(value) is tuple else None


def draw(template: str, values: Mapping[str, Any]) -> SafeString:
    """For plain values alone, and words that wait for a language."""
    given = {name: told(value) for name, value in values.items()}
    around = (get_language(), get_current_timezone_name(), settings.SITE_NAME)
    within = tuple(kinds(value) for value in given.values() if type(value) is tuple)
    return kept(template, (*around, within), tuple(given), *given.values())


@lru_cache(MOST, typed=True)
def kept(template: str, around: tuple[Any, ...], names: tuple[str, ...], *values: Any) -> SafeString:
    return Engine.get_default().get_template(template).render(Context(dict(zip(names, values, strict=True))))
