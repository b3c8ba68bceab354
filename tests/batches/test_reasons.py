"""Reasons in words: a sentence for every code, and no more than is known."""

import pytest

from accounts.units import FAHRENHEIT
from batches.reasons import MISSING, WORDS, Missing, Reason, Why, wanting, words


class TestWords:
    def test_are_there_for_every_code(self) -> None:
        assert set(WORDS) == set(Why) - {Why.FROM_HISTORY}
        assert set(MISSING) == set(Missing)

    @pytest.mark.parametrize(
        ("count", "sentence"),
        [(1, "From your last batch like it."), (7, "From your last 7 batches like it.")],
    )
    def test_count_the_batches(self, count: int, sentence: str) -> None:
        assert words(Reason(Why.FROM_HISTORY, {"n": count})) == sentence

    def test_say_temperatures_in_the_reader_s_unit(self) -> None:
        reason = Reason(Why.COLDER_THAN_USUAL, {"usual_c": 24.0})
        assert words(reason) == "Colder than your usual 24 °C."
        assert words(reason, temperature=FAHRENHEIT.words) == "Colder than your usual 75.2\u00a0°F."

    def test_are_whole_sentences_that_promise_nothing(self) -> None:
        said = [str(one) for one in (*WORDS.values(), *MISSING.values())]
        assert all(one[0].isupper() and one.endswith(".") and len(one) <= 90 for one in said)
        assert not [one for one in said if "safe" in one.lower() or "study" in one.lower()]

    def test_say_what_is_missing(self) -> None:
        assert wanting(Missing.PH).startswith("Measure the pH")
