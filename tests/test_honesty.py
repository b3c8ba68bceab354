"""Every sentence read for honesty, in each language: nothing is called safe or proven, an estimate is called one."""

import re

import pytest

from tests.catalogues import catalogue, everything_said

LANGUAGES = ["en", "de", "es"]
SAFE = {
    "en": r"\bsafe(r|st|ly|ty)?\b|\bharmless\b|\bguarantee|\bno (danger|risk)\b",
    "de": r"\bsicher(e[nmrs]?|heit)?\b|\bungefährlich|\bharmlos|\bunbedenklich|\bgarantier|\bunversehrt",
    "es": r"\bsegur(o|a|os|as|idad)\b|\ba salvo\b|\binofensiv|\bgarantiza|\bsin (peligro|riesgo)\b",
}
PROVEN = {
    "en": r"\bstud(y|ies)\b|\bprove[ns]\b|\bscien(ce|tif)|\bresearch",
    "de": r"\bStudien?\b|\b(be|er|nach)wiesen|\bwissenschaft|\bForsch",
    "es": r"\bestudios?\b|\bdemostrad[oa]|\bcientífic|\binvestigaci",
}
ESTIMATE = {"en": r"\bestimate", "de": r"schätz", "es": r"\bestimación"}
# A pressure of bottles, or how much alcohol a batch holds; at how much a law begins is no estimate.
PRESSURE = r"[\d)}]s? (bar|psi)\b"
ALCOHOL = {"en": r"\)s %%.*\balcohol", "de": r"\)s %%.*\balkohol", "es": r"\)s %%.*\balcohol"}

# Those that were read and may say so: that something is *not* safe or sure, and where an estimate leans to.
MAY_SAY_SAFE = {
    "Above pH 4.6 it is not safely sour: do not drink it. Fuzzy or coloured: discard.",
    "Not sure",
    "Not sure? Then take it for mould. Never taste to find out.",
    (
        "Say which bottle it is and how much sugar went in. You are told when it must be cold, on the safe side: an"
        " estimate, for bottles differ."
    ),
}


def sentences(language):
    """What is said, and what the code calls it."""
    found = everything_said() if language == "en" else catalogue(language)
    for message in found:
        written = message.id if isinstance(message.id, tuple) else (message.id,)
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        for sentence in written if language == "en" else said:
            if written[0] and sentence:
                yield written[0], sentence


def saying(pattern, language):
    return {name: said for name, said in sentences(language) if re.search(pattern, said, re.IGNORECASE)}


@pytest.mark.parametrize("language", LANGUAGES)
class TestEverySentence:
    def test_calls_nothing_safe(self, language):
        assert saying(SAFE[language], language).keys() <= MAY_SAY_SAFE

    def test_claims_no_proof(self, language):
        assert saying(PROVEN[language], language) == {}

    def test_that_names_a_pressure_or_a_share_of_alcohol_calls_it_an_estimate(self, language):
        named = saying(PRESSURE, language) | saying(ALCOHOL[language], language)
        assert len(named) >= 6
        assert named.keys() <= saying(ESTIMATE[language], language).keys()


def test_what_may_be_said_is_still_said():
    assert {name for name, _ in sentences("en")} >= MAY_SAY_SAFE
