"""The map of addresses, walked: what is added to it is tested without being mentioned."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.urls import URLResolver, get_resolver

PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
# What stands in these addresses is the proof: it was sent to its owner alone. Whoever opens them brings no cookie:
# a mail program, a calendar, a service worker, somebody who reads mail elsewhere than where they are signed in.
OPENED_BY_A_TOKEN = {
    "/r/<str:token>",
    "/r/<str:token>/done",
    "/r/<str:token>/later",
    "/calendar/<str:key>.ics",
    "/unsubscribe/<str:token>",
}
# A gadget's token, in the API: it takes readings and shows nothing. Tested in tests/sensors/test_ingest.py.
OPENED_BY_A_SENSOR = {"/api/v1/ingest/<str:token>"}


class Route(NamedTuple):
    path: str
    view: Callable[..., Any]

    @property
    def ids(self) -> list[str]:
        """The names of what must be known to go there."""
        return PLACE.findall(self.path)

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    def to(self, **known: Any) -> str:
        return PLACE.sub(lambda place: str(known[place[1]]), self.path)


def routes() -> list[Route]:
    """Ours: what allauth, the back office and the API's documents bring along is theirs to test."""
    return [route for route in walked(get_resolver().url_patterns) if is_ours(route)]


def walked(patterns: Any, prefix: str = "/") -> Iterator[Route]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walked(pattern.url_patterns, path)
        else:
            yield Route(path, pattern.callback)


def is_ours(route: Route) -> bool:
    module = route.view.__module__
    return not route.path.startswith("/admin/") and not module.startswith(("allauth.", "django.", "drf_"))
