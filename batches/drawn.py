"""Pieces of pages that were drawn a moment ago, in this process: who looks again within the minute, or is told that
something else changed, has only that drawn anew.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

MOST = 1_000  # some three megabytes


class Drawn:
    """By all that a piece is made of; the oldest goes first."""

    def __init__(self, most: int = MOST) -> None:
        self.most, self.lock = most, Lock()
        self.pieces: OrderedDict[Hashable, str] = OrderedDict()

    def __call__(self, made_of: Hashable, draw: Callable[[], str]) -> str:
        with self.lock:
            known = self.pieces.get(made_of)
        if known is not None:
            return known
        piece = draw()
        with self.lock:
            self.pieces[made_of] = piece
            while len(self.pieces) > self.most:
                self.pieces.popitem(last=False)
        return piece
