from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_ALPHA_NUM

from batches import codes

ADDRESS = codes.scan_address("7K3QX9M2C4DE", site="https://kefir.example")


def picture(size):
    return Image.open(BytesIO(codes.as_png(ADDRESS, size=size))).convert("L")


def modules():
    """Dark and light, as the code itself has them, with its margin."""
    drawing = codes.code(ADDRESS)
    return [[bool(dark) for dark in row] for row in drawing.get_matrix()]


class TestAddress:
    def test_is_in_capitals_throughout(self):
        assert ADDRESS == "HTTPS://KEFIR.EXAMPLE/B/7K3QX9M2C4DE"

    def test_fits_the_denser_mode(self):
        drawing = codes.code(ADDRESS)
        assert [part.mode for part in drawing.data_list] == [MODE_ALPHA_NUM]
        assert drawing.version == 2

    def test_would_not_in_small_letters(self):
        assert [part.mode for part in codes.code(ADDRESS.lower()).data_list] != [MODE_ALPHA_NUM]


class TestCode:
    def test_bears_a_wet_label(self):
        assert codes.code(ADDRESS).error_correction == ERROR_CORRECT_M

    def test_has_four_modules_of_quiet_around_it(self):
        matrix = modules()
        edges = matrix[:4] + matrix[-4:] + [row[:4] + row[-4:] for row in matrix]
        assert not any(any(row) for row in edges)
        assert matrix[4][4]


class TestPNG:
    @pytest.mark.parametrize("size", [100, 600, 2000])
    def test_has_whole_modules_and_is_no_wider_than_asked(self, size):
        width = picture(size).width
        assert width <= size
        assert width % len(modules()) == 0

    def test_shows_the_code_dark_on_light(self):
        image, matrix = picture(600), modules()
        box = image.width // len(matrix)
        seen = [
            [image.getpixel((x * box + box // 2, y * box + box // 2)) < 128 for x in range(len(matrix))]
            for y in range(len(matrix))
        ]
        assert seen == matrix


class TestSVG:
    def test_is_one_path_that_scales(self):
        drawing = ElementTree.fromstring(codes.as_svg(ADDRESS))
        assert drawing.get("viewBox")
        assert [child.tag.rpartition("}")[2] for child in drawing] == ["path"]

    def test_carries_no_style_that_a_strict_page_would_refuse(self):
        assert b"style=" not in codes.as_svg(ADDRESS)
        assert b"<script" not in codes.as_svg(ADDRESS)
