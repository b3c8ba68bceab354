"""What a picture says of itself, and what is none."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from events import headers, pictures
from tests.events.album import TYPES, exif, picture, telling

BERLIN = ZoneInfo("Europe/Berlin")
KINDS = pytest.mark.parametrize("kind", TYPES)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
NO_PICTURES = {
    "nothing": b"",
    "text": b"Bubbles",
    "svg": SVG,
    "svg with a prologue": b'<?xml version="1.0"?>' + SVG,
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "html": b"<!doctype html><script>alert(1)</script>",
    "zip": b"PK\x03\x04" + b"\x00" * 60,
    "gif": picture("GIF", mode="P", colour=1),
    "bmp": picture("BMP"),
    "tiff": picture("TIFF"),
    "icns": b"icns" + b"\x00" * 60,
    "video": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\x00" * 60,
    "the head of a jpeg and no more": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "the head of a png and no more": b"\x89PNG\r\n\x1a\n",
    "the head of a webp and no more": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    "the head of a heic and no more": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
}


def looked_at(body, zone=UTC):
    return headers.looked_at(body, zone=zone)


class TestSeen:
    @KINDS
    def test_tells_kind_and_size(self, kind):
        seen = looked_at(picture(kind, (64, 48)))
        assert (seen.format, seen.width, seen.height) == (kind, 64, 48)

    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_tells_the_size_it_has_upright(self, kind, orientation):
        seen = looked_at(picture(kind, (64, 48), exif=exif(orientation)))
        assert (seen.width, seen.height) == ((48, 64) if orientation >= 5 else (64, 48))

    def test_knows_two_in_one_file_as_a_jpeg(self):
        """Telephones write a preview behind the picture."""
        from PIL import Image

        two = picture("MPO", save_all=True, append_images=[Image.new("RGB", (8, 8))])
        assert looked_at(two).format == "JPEG"

    @pytest.mark.parametrize("name", NO_PICTURES)
    def test_takes_nothing_else_for_a_picture(self, name):
        with pytest.raises(headers.NoPicture):
            looked_at(NO_PICTURES[name])

    def test_counts_pixels_without_unpacking_them(self):
        bomb = picture("PNG", (20_000, 20_000), mode="1", colour=0)
        assert looked_at(bomb).pixels == 400_000_000 > pictures.MOST_PIXELS


class TestTaken:
    @KINDS
    def test_is_read_in_its_keepers_zone(self, kind):
        seen = looked_at(telling(kind, taken="2026:03:01 13:00:00"), zone=BERLIN)
        assert seen.taken_at == datetime(2026, 3, 1, 12, tzinfo=UTC)

    def test_believes_a_camera_that_says_its_zone(self):
        said = exif(taken="2026:03:01 13:00:00", offset="+09:00")
        assert looked_at(picture(exif=said), zone=BERLIN).taken_at == datetime(2026, 3, 1, 4, tzinfo=UTC)

    @pytest.mark.parametrize(
        "nonsense",
        [
            "0000:00:00 00:00:00",
            "1970:01:01 00:00:00",
            "2026:13:01 00:00:00",
            "yesterday",
            "2026-03-01",
            "9999",
        ],
    )
    def test_does_not_believe_a_clock_that_was_never_set(self, nonsense):
        assert looked_at(picture(exif=exif(taken=nonsense))).taken_at is None

    def test_is_unknown_without_a_word(self):
        assert looked_at(picture()).taken_at is None


class TestFirstBytes:
    @KINDS
    def test_name_the_kind(self, kind):
        assert pictures.format_of(picture(kind)[:64]) == kind

    @pytest.mark.parametrize(
        ("brands", "kind"),
        [
            (b"mif1\x00\x00\x00\x00mif1avif", "AVIF"),
            (b"mif1\x00\x00\x00\x00mif1heic", "HEIF"),
            (b"avif\x00\x00\x00\x00mif1heic", "AVIF"),
            (b"heix\x00\x00\x00\x00mif1heix", "HEIF"),
            (b"mp42\x00\x00\x00\x00mp42isom", ""),
        ],
    )
    def test_tell_heic_from_avif(self, brands, kind):
        assert pictures.format_of(b"\x00\x00\x00\x18ftyp" + brands) == kind
