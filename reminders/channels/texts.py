"""What a message says where there is little room. Text only."""

import unicodedata

from reminders.channels import Message

ELLIPSIS = "…"
JOINER = "\u200d"
# What belongs to the character before it: joined emoji and how they look, skin tones.
CONTINUING = {JOINER, "\ufe0e", "\ufe0f", *map(chr, range(0x1F3FB, 0x1F400))}


def body_of(message: Message) -> str:
    return "\n".join((message.body, *message.lines))


def shortened(text: str, most_bytes: int) -> str:
    """The text, in so many bytes of UTF-8 at most: cut between words where it can be, never within a character."""
    if len(text.encode()) <= most_bytes:
        return text
    room = most_bytes - len(ELLIPSIS.encode())
    if room <= 0:
        return ""
    cut = text.encode()[:room].decode(errors="ignore")
    return _between_words(_whole(cut, text)) + ELLIPSIS


def _whole(cut: str, text: str) -> str:
    """Without what belongs to a character that was cut in two, such as a family's emoji or an accent."""
    while cut and (_continues(text[len(cut)]) or cut[-1] == JOINER):
        cut = cut[:-1]
    return cut


def _continues(character: str) -> bool:
    return character in CONTINUING or bool(unicodedata.combining(character))


def _between_words(cut: str) -> str:
    """A whole word less, unless that would take much of it."""
    at_word, _, rest = cut.rpartition(" ")
    return (at_word if at_word and len(rest) < 30 else cut).rstrip()


def less(title: str, body: str, bytes_over: int) -> tuple[str, str]:
    """Both, nearer to so many bytes less: of the body first, and of the title when there is none left.

    At most a quarter at a time: what is written out longer, such as a line break in JSON, gets shorter faster.
    """
    longest = body or title
    size = len(longest.encode())
    shorter = shortened(longest, max(0, size - min(bytes_over, size // 4 + 1)))
    return (title, shorter) if body else (shorter, body)
