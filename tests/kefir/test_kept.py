from kefir.kept import PLACE, Drawn, room


def takes(piece, key=("a",)):
    return room(key, piece)


class TestDrawn:
    def test_is_drawn_once(self):
        drawn, times = Drawn(most=1000), []
        for _ in range(3):
            assert drawn(("a", 1), lambda: times.append(1) or b"piece") == b"piece"
        assert len(times) == 1

    def test_keeps_no_more_than_it_may(self):
        drawn = Drawn(most=2 * takes(b"12345"))
        for key in "abc":
            drawn((key,), lambda: b"12345")
        assert list(drawn.pieces) == [("b",), ("c",)]
        assert drawn.size == drawn.most

    def test_counts_what_a_piece_is_kept_by(self):
        drawn = Drawn(most=10_000)
        for number in range(100):
            drawn((f"{number:0100}",), lambda: b"")
        assert len(drawn.pieces) < drawn.most / (PLACE + 100)

    def test_counts_once_what_two_drew_at_a_time(self):
        drawn = Drawn(most=1000)
        drawn(("a",), lambda: drawn(("a",), lambda: b"12345"))
        assert drawn.size == takes(b"12345")

    def test_keeps_nothing_that_is_larger_than_all(self):
        drawn = Drawn(most=PLACE)
        assert drawn(("a",), lambda: b"a") == b"a"
        assert (len(drawn.pieces), drawn.size) == (0, 0)
