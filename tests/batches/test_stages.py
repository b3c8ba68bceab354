"""The table of moves, each row as the design states it."""

from itertools import product

import pytest

from batches.stages import MOVES, Place, Stage, Status, may_move, moves_from

OPEN, BOTTLED = Stage.OPEN, Stage.BOTTLED
ACTIVE, IN_FRIDGE, READY, ARCHIVED = Status.ACTIVE, Status.IN_FRIDGE, Status.READY, Status.ARCHIVED
PLACES = [Place(stage, status) for stage, status in product(Stage, Status)]

ALLOWED = {
    (OPEN, ACTIVE): {(OPEN, IN_FRIDGE), (BOTTLED, ACTIVE), (OPEN, READY), (OPEN, ARCHIVED)},
    (OPEN, IN_FRIDGE): {(OPEN, ACTIVE), (BOTTLED, ACTIVE), (OPEN, ARCHIVED)},
    (OPEN, READY): {(OPEN, IN_FRIDGE), (OPEN, ARCHIVED)},
    (OPEN, ARCHIVED): set(),
    (BOTTLED, ACTIVE): {(BOTTLED, IN_FRIDGE), (BOTTLED, READY), (BOTTLED, ARCHIVED)},
    (BOTTLED, IN_FRIDGE): {(BOTTLED, ACTIVE), (BOTTLED, READY), (BOTTLED, ARCHIVED)},
    (BOTTLED, READY): {(BOTTLED, IN_FRIDGE), (BOTTLED, ARCHIVED)},
    (BOTTLED, ARCHIVED): set(),
}


class TestMoves:
    @pytest.mark.parametrize("place", PLACES)
    def test_are_those_of_the_table(self, place: Place) -> None:
        assert {to for to in PLACES if may_move(place, to)} == ALLOWED[place]

    def test_never_lead_from_bottled_back_to_open(self) -> None:
        assert not any(may_move(Place(BOTTLED, a), Place(OPEN, b)) for a, b in product(Status, Status))

    def test_never_stand_still(self) -> None:
        assert not any(may_move(place, place) for place in PLACES)

    def test_can_archive_every_living_batch(self) -> None:
        assert all((stage, ARCHIVED) in to for (stage, _), to in MOVES.items())

    def test_from_an_archived_batch_are_none(self) -> None:
        assert not moves_from(Place(OPEN, ARCHIVED)) | moves_from(Place(BOTTLED, ARCHIVED))

    def test_are_found_by_the_plain_words_of_a_row_too(self) -> None:
        assert may_move(("open", "active"), ("bottled", "active"))  # type: ignore[arg-type]


class TestPlaces:
    def test_keep_their_words_on_the_wire(self) -> None:
        assert [s.value for s in Stage] == ["open", "bottled"]
        assert [s.value for s in Status] == ["active", "in_fridge", "ready", "archived"]

    def test_have_a_label_for_people(self) -> None:
        assert all(" " in label or label.istitle() for label in [*Stage.labels, *Status.labels])
