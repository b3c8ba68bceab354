"""What the house says, and what its catalogues make of it."""

from functools import cache

from kefir import extraction


@cache
def everything_said():
    return extraction.extracted()


def catalogue(language):
    return extraction.read(extraction.catalogue_of(language), language)


def said(message):
    return message.id if isinstance(message.id, tuple) else (message.id,)
