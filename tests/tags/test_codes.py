import pytest

from batches.codes import code
from tags.codes import LENGTH, drawing, new_code, scan_address


class TestCode:
    def test_has_eight_characters_that_nobody_confuses(self):
        codes = {new_code() for _ in range(200)}
        assert len(codes) == 200
        assert {len(one) for one in codes} == {LENGTH}
        assert not set("".join(codes)) & set("OILU")

    @pytest.mark.parametrize(
        "site", ["https://kefir.example", "https://my-kefir.example.o", "http://localhost:8000"]
    )
    def test_fits_the_second_smallest_square(self, site):
        """Version 2 at level M holds 38 characters in capitals: 0.6 mm a module at 20 mm."""
        address = scan_address("7k3qx9m2", site=site)
        assert len(address) <= 38
        assert address == address.upper()
        assert code(address).version == 2

    def test_would_not_in_small_letters(self):
        assert code("https://my-kefir.example.o/j/7k3qx9m2").version == 3

    def test_is_drawn_module_by_module(self):
        drawn, matrix = (
            drawing("HTTPS://KEFIR.EXAMPLE/J/7K3QX9M2"),
            code("HTTPS://KEFIR.EXAMPLE/J/7K3QX9M2").get_matrix(),
        )
        painted = [[False] * drawn.modules for _ in range(drawn.modules)]
        for run in drawn.path.split("z")[:-1]:
            x, rest = run[1:].split(" ")
            y, width = rest.split("v")[0].split("h")
            painted[int(y)][int(x) : int(x) + int(width)] = [True] * int(width)
        assert painted == matrix
