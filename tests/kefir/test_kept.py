from kefir.kept import Drawn


class TestDrawn:
    def test_is_drawn_once(self):
        drawn, times = Drawn(most=100), []
        for _ in range(3):
            assert drawn(("a", 1), lambda: times.append(1) or "piece") == "piece"
        assert len(times) == 1

    def test_keeps_no_more_than_it_may(self):
        drawn = Drawn(most=10)
        for key in "abc":
            drawn(key, lambda key=key: key * 5)
        assert list(drawn.pieces) == ["b", "c"]
        assert drawn.size == 10

    def test_counts_once_what_two_drew_at_a_time(self):
        drawn = Drawn(most=10)
        drawn("a", lambda: drawn("a", lambda: "12345"))
        assert drawn.size == 5

    def test_keeps_nothing_that_is_larger_than_all(self):
        drawn = Drawn(most=10)
        assert drawn("a", lambda: "a" * 11) == "a" * 11
        assert not drawn.pieces
