"""What every template may say of the house, mails and error pages among them, which know no request."""

from datetime import datetime

from django import template
from django.conf import settings
from django.template.base import Node, Parser, Token
from django.template.loader import render_to_string
from django.template.loader_tags import do_include
from django.utils.safestring import SafeString

from kefir import house_views
from kefir.components import Component, is_component

register = template.Library()


@register.simple_tag
def site_name() -> str:
    return str(settings.SITE_NAME)


@register.tag
def include(parser: Parser, token: Token) -> Node:
    """Django's own, but that a component is drawn once for what it is given."""
    node = do_include(parser, token)
    if not is_component(node):
        return node
    return Component(node.template, extra_context=node.extra_context, isolated_context=True)


@register.simple_tag
def when(at: datetime) -> SafeString:
    """A moment within a sentence: {% when at as seen %}, then {{ seen }} in a blocktranslate."""
    return SafeString(render_to_string("components/when.html", {"at": at, "words": ""}).strip())


@register.simple_tag
def own_colours() -> str:
    """The address of the house's own colours; empty where it has none."""
    return house_views.stylesheet_address()


@register.simple_tag
def own_sign() -> bool:
    return settings.SITE_SIGN is not None
