"""Kefir as its web server serves it, but that it keeps no page: what the first look costs, or one after a change."""

from kefir.wsgi import application  # isort: skip, the rest needs its settings

from kefir import kept

kept.PAGES.most = 0

__all__ = ["application"]
