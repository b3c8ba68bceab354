"""The catalogues have words for every sentence, and are compiled into what gettext reads."""

import re

import pytest
from django.utils import translation

from kefir import catalogues, extraction
from tests.catalogues import catalogue, everything_said, said

NAMES = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
TAGS = re.compile(r"</?[a-z]+")


def told(message):
    return message.string if isinstance(message.string, tuple) else (message.string,)


@pytest.mark.parametrize("language", extraction.LANGUAGES)
class TestACatalogue:
    def test_has_what_is_said_and_nothing_else(self, language):
        known, fresh = catalogue(language), everything_said()
        missing = {message.id for message in fresh if message.id} ^ {one.id for one in known if one.id}
        assert not missing, "bring it in with: python -m kefir.extraction"
        assert not known.obsolete

    def test_is_written_as_the_tool_writes_it(self, language):
        path = extraction.catalogue_of(language)
        assert path.read_bytes() == extraction.written(catalogue(language))

    def test_is_sure_of_every_sentence(self, language):
        assert not [message.id for message in catalogue(language) if message.id and message.fuzzy]

    def test_fills_in_what_the_sentence_fills_in(self, language):
        assert not [
            message.id
            for message in catalogue(language)
            if message.id and all(told(message)) and not keeps_its_places(message)
        ]

    def test_has_words_for_every_sentence(self, language):
        assert not [message.id for message in catalogue(language) if message.id and not all(told(message))]


def keeps_its_places(message):
    """One may do without the number, as English does: “a batch”."""
    least, most = places(said(message)[0]), places(said(message)[-1])
    marks = sorted(TAGS.findall(said(message)[-1]))
    return all(
        least & most <= places(one) <= least | most and sorted(TAGS.findall(one)) == marks
        for one in told(message)
    )


def places(sentence):
    return {name for pair in NAMES.findall(sentence) for name in pair if name}


class TestTheCompiler:
    def test_reads_what_gettext_reads(self, tmp_path):
        po = tmp_path / "de" / "LC_MESSAGES" / "django.po"
        po.parent.mkdir(parents=True)
        po.write_text(
            'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
            '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
            'msgid "a jar"\nmsgid_plural "%(n)s jars"\nmsgstr[0] "ein Glas"\nmsgstr[1] "%(n)s "\n"Gläser"\n\n'
            'msgctxt "month"\nmsgid "May"\nmsgstr "Mai"\n\n'
            '#, fuzzy\nmsgid "not"\nmsgstr "sicher"\n\nmsgid "empty"\nmsgstr ""\n'
        )
        assert catalogues.bring_up_to_date(tmp_path) == [po]
        with po.with_suffix(".mo").open("rb") as file:
            known = translation.trans_real.gettext_module.GNUTranslations(file)
        assert [known.ngettext("a jar", "%(n)s jars", n) for n in (1, 3)] == ["ein Glas", "%(n)s Gläser"]
        assert known.pgettext("month", "May") == "Mai"
        assert [known.gettext(word) for word in ("not", "empty")] == ["not", "empty"]

    def test_makes_again_only_what_changed(self, tmp_path):
        po = tmp_path / "de" / "LC_MESSAGES" / "django.po"
        po.parent.mkdir(parents=True)
        po.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n')
        assert catalogues.bring_up_to_date(tmp_path)
        assert not catalogues.bring_up_to_date(tmp_path)
