import re

import pytest

from batches.identifiers import ALPHABET, SHAPE, BatchIdConverter, canonical, named, new_batch_id


class TestNewId:
    def test_is_twelve_characters_that_nobody_mixes_up(self):
        made = [new_batch_id() for _ in range(500)]
        assert all(re.fullmatch(rf"[{ALPHABET}]{{12}}", one) for one in made)
        assert not set("OILU") & set("".join(made))

    def test_comes_from_the_whole_alphabet_and_never_twice(self):
        made = [new_batch_id() for _ in range(500)]
        assert set("".join(made)) == set(ALPHABET)
        assert len(set(made)) == 500

    def test_holds_sixty_bits(self):
        assert len(ALPHABET) == 32 == len(set(ALPHABET))


class TestCanonical:
    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            ("7k3qx9m2c4de", "7K3QX9M2C4DE"),
            ("oOiIlL000111", "001111000111"),
            ("7K3QX9M2C4DE", "7K3QX9M2C4DE"),
        ],
    )
    def test_reads_what_people_write(self, written, kept):
        assert canonical(written) == kept
        assert named(written) == kept
        assert BatchIdConverter().to_python(written) == kept

    def test_is_what_it_makes_itself(self):
        made = new_batch_id()
        assert canonical(made) == canonical(made.lower()) == made


class TestShape:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "x",
            "7K3QX9M2C4D",
            "7K3QX9M2C4DEE",
            "7K3QX9M2C4DU",
            "7K3QX9M2C4D\0",
            "7K3QX9M2C4DE\n",
            "７K3QX9M2C4DE",
            "ſſſſſſſſſſſſ",
        ],
    )
    def test_refuses_what_can_be_no_id(self, text):
        assert not re.fullmatch(SHAPE, text)
        assert named(text) == ""
