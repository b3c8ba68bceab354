"""Pages that were drawn a moment ago, in this process: who looks again within the minute, and whose rows say what
they said then, gets what was drawn. Redis is not asked, and nothing is lost with it.

A page is kept by all that it is made of: the rows it tells of, its reader's own row, language, zone and address, and
the minute. What must be new each time stands in it as a mark and is put in as it goes out.
"""

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from sys import getsizeof
from threading import Lock
from typing import Any
from uuid import uuid4

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.utils.translation import get_language

MOST = 8_000_000  # bytes, of all pages together, with what each is kept by
# What a place among them takes, however short the page.
PLACE = 300
# Nobody can write these into a page: they differ in each process.
TOKEN_MARK, ID_MARK = secrets.token_hex(16).encode(), secrets.token_hex(16).encode()
AN_ID = re.compile(ID_MARK)

MadeOf = tuple[Hashable, ...]


class Drawn:
    """By all that a page is made of; the oldest goes first."""

    def __init__(self, most: int) -> None:
        self.most, self.size, self.lock = most, 0, Lock()
        self.pieces: OrderedDict[MadeOf, bytes] = OrderedDict()

    def __call__(self, made_of: MadeOf, draw: Callable[[], bytes]) -> bytes:
        known = self.pieces.get(made_of)
        if known is not None:
            return known
        piece = draw()
        with self.lock:
            if made_of in self.pieces:
                self.size -= room(made_of, self.pieces.pop(made_of))
            self.size += room(made_of, piece)
            self.pieces[made_of] = piece
            while self.size > self.most:
                self.size -= room(*self.pieces.popitem(last=False))
        return piece


def room(made_of: MadeOf, piece: bytes) -> int:
    return PLACE + len(piece) + sum(getsizeof(part) for part in made_of)


PAGES = Drawn(MOST)


def page(request: HttpRequest, made_of: Hashable, draw: Callable[[], SimpleTemplateResponse]) -> HttpResponse:
    """`made_of`: the rows that the page tells of. Ids in its forms come from `new_id` of its context.

    Only the plain address is kept: whoever adds something to it, or asks for a part, would fill the room.
    """
    if request.GET or "HX-Target" in request.headers or len(get_messages(request)):
        return draw()
    around = (request.get_host(), request.path, get_language(), timezone.get_current_timezone_name())
    minute = timezone.now().replace(second=0, microsecond=0)
    # The rows themselves would take more room than the page. Among them are stamps and texts, which Python hashes with
    # a key of each process, so nobody can make two that are taken for one.
    told = (hash((made_of, reader(request.user))), request.user.pk, minute, *around)
    return HttpResponse(made_new(PAGES(told, lambda: marked(draw())), request))


def reader(user: Any) -> tuple[Any, ...]:
    """All that is known of who reads: units, whether mail reaches them, whether they leave."""
    fields = user._meta.concrete_fields if user.is_authenticated else ()
    return tuple(getattr(user, field.attname) for field in fields)


def marked(answer: SimpleTemplateResponse) -> bytes:
    marks = {"csrf_token": TOKEN_MARK.decode(), "new_id": ID_MARK.decode()}
    answer.context_data = {**(answer.context_data or {}), **marks}
    drawn: bytes = answer.render().content
    return drawn


def made_new(page: bytes, request: HttpRequest) -> bytes:
    """With a token of its own, so that no two answers are alike to who listens, and a new id in each form."""
    if TOKEN_MARK in page:
        page = page.replace(TOKEN_MARK, get_token(request).encode())
    return AN_ID.sub(lambda _: str(uuid4()).encode(), page)
