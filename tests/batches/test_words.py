import pytest
from django.db import connection

from batches.models import Batch
from tests.factories import make_batch

WRITTEN = "Äpfel & Süßholz, 100 % fig_jam \\ over\nnight with 生姜 and Ingwer 🍋🍋🍋"


def found(owner, sought):
    return list(Batch.objects.of(owner).that_say(sought, of=owner))


class TestSearch:
    @pytest.mark.parametrize("size", range(1, 12))
    def test_finds_each_stretch_of_what_was_written(self, alice, size):
        batch = make_batch(owner=alice, notes=WRITTEN)
        stretches = [WRITTEN[at : at + size] for at in range(len(WRITTEN) - size + 1)]
        assert [sought for sought in stretches if found(alice, sought) != [batch]] == []

    @pytest.mark.parametrize("sought", ["äPFEL", "INGWER", "süßHOLZ", "g_j", "100 %"])
    def test_is_the_same_in_upper_and_lower_case(self, alice, sought):
        batch = make_batch(owner=alice, notes=WRITTEN)
        assert found(alice, sought) == [batch]

    @pytest.mark.parametrize("sought", ["fig jam", "ove_", "100%%", "night with ginger", "wer Ing"])
    def test_takes_no_letter_for_another(self, alice, sought):
        make_batch(owner=alice, notes=WRITTEN)
        assert found(alice, sought) == []

    def test_does_not_join_the_name_with_the_notes(self, alice):
        make_batch(owner=alice, name="Lemon", notes="peel")
        assert found(alice, "mon pee") == []

    def test_finds_nothing_of_others(self, alice, bob):
        make_batch(owner=bob, notes=WRITTEN)
        assert found(alice, "Ingwer") == []

    def test_sees_what_was_written_anew(self, alice):
        batch = make_batch(owner=alice, notes="lemon")
        Batch.objects.update(notes="raspberry")
        assert (found(alice, "lemon"), found(alice, "raspberry")) == ([], [batch])

    def test_asks_the_index(self, alice):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        # An index on the owner alone would serve as well while there are few rows.
        asked = Batch.objects.that_say("lemon", of=alice)
        assert "batch_by_words_of_owner" in asked.explain()
