"""What a spreadsheet would take for a formula, made harmless on the way out and itself again on the way in."""

import re

# OWASP's list (ASVS 1.2.10), with the wide and small forms of the same characters, which spreadsheets take too.
BEGINNINGS = "=+\\-@＝＋－＠﹦﹢﹣﹫"
# What a spreadsheet skips, or does not show: blanks of all widths, and characters without any.
UNSEEN = "\t\n\v\f\r \u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff"
# One apostrophe more is put before those that begin with apostrophes, so that taking one away is always right.
RISKY = f"^(?:'*[{UNSEEN}]*[{BEGINNINGS}]|'*[\t\r\n])"
NUMBER = "^[+-]?[0-9]+(?:[.,][0-9]+)?$"

_risky, _number = re.compile(RISKY), re.compile(NUMBER.replace("$", r"\Z"))


def is_risky(text: str) -> bool:
    return bool(_risky.match(text)) and not _number.match(text)


def harmless(text: str) -> str:
    return f"'{text}" if is_risky(text) else text


def as_written(text: str) -> str:
    """What `harmless` was given."""
    return text[1:] if text.startswith("'") and is_risky(text[1:]) else text


def harmless_in_sql(text: str) -> str:
    """The same for an expression of PostgreSQL's; most texts begin with a letter, and need no closer look."""
    return (
        f"CASE WHEN ascii({text}) BETWEEN 65 AND 122 THEN {text}"
        f" WHEN {text} ~ {quoted(RISKY)} AND {text} !~ {quoted(NUMBER)} THEN '''' || {text} ELSE {text} END"
    )


def quoted(literal: str) -> str:
    return "'" + literal.replace("'", "''") + "'"
