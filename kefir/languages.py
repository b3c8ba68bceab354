"""Which languages are offered, and which of them is spoken just now."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

# By their own names: whoever looks for theirs cannot read the others.
WRITTEN = {"en": "English", "de": "Deutsch", "es": "Español"}


def offered(words: Sequence[str]) -> list[tuple[str, str]]:
    """What a house offers, the one it speaks itself first; all there are, where nothing is said."""
    for word in words:
        if word not in WRITTEN:
            raise ValueError(f"there is no “{word}”. There are {', '.join(WRITTEN)}.")
    return [(word, WRITTEN[word]) for word in dict.fromkeys(words or WRITTEN)]


def known(code: str) -> str:
    """Empty for one that this house does not offer, or not any more."""
    return code if any(code == one for one, _ in settings.LANGUAGES) else ""


def of_request(request: HttpRequest) -> str:
    """What the person has chosen, else what this browser has, else what it asks for."""
    own = known(getattr(request.user, "language", ""))
    return own or translation.get_language_from_request(request)


@contextmanager
def spoken(code: str) -> Iterator[None]:
    """Within it, words come in this person's language; in the present one where they have chosen none."""
    if not known(code) or code == translation.get_language():
        yield
        return
    with translation.override(code):
        yield
