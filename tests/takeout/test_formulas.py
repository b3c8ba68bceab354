"""What a spreadsheet would calculate is shown to it as text; numbers and plain words are left alone."""

import pytest
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from takeout import formulas

FORMULAS = [
    "=1+1", "+1+1", "-1-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u200b=1", "\ufeff=1",
    "＝1+1", "＋1", "－1+2", "＠SUM(A1)", "﹦1", "=cmd|' /C calc'!A0", "'=1", "''=1", "-5 °C", "--5", "+", "\t", "\tx",
    "1\n=1"[1:],
]  # fmt: skip
HARMLESS = [
    "",
    "Jar",
    "5",
    "-5",
    "+3.5",
    "-1,5",
    "1+1",
    "a=b",
    "'quoted'",
    "'",
    "#1",
    "ß",
    "🫙 =",
    "a\n=1",
    "²",
]


class TestHarmless:
    @pytest.mark.parametrize("text", FORMULAS, ids=repr)
    def test_puts_an_apostrophe_before_a_formula(self, text):
        assert formulas.harmless(text) == f"'{text}"

    @pytest.mark.parametrize("text", HARMLESS, ids=repr)
    def test_leaves_words_and_numbers_alone(self, text):
        assert formulas.harmless(text) == text

    @given(st.text(st.sampled_from("'=+-@\t\r\n \u00a0＝a1.,")) | st.text())
    @example("'=1")
    def test_is_undone_by_as_written(self, text):
        assert formulas.as_written(formulas.harmless(text)) == text


def in_database(texts):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {formulas.harmless_in_sql('one.x')} FROM unnest(%s::text[]) WITH ORDINALITY AS one(x, n)"
            " ORDER BY n",
            [texts],
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db
class TestInTheDatabase:
    def test_it_is_the_same_rule(self):
        texts = [*FORMULAS, *HARMLESS]
        assert in_database(texts) == [formulas.harmless(text) for text in texts]

    def test_for_every_beginning_there_is(self):
        texts = [chr(n) + rest for n in range(1, 0x3100) for rest in ("", "=1", "5")]
        assert in_database(texts) == [formulas.harmless(text) for text in texts]
