"""The copies that are shown: upright, sRGB, nothing but pixels, whatever came."""

import os
import struct
import subprocess
import sys
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms

from events import copies, darkroom
from tests.events.album import SECRET, TYPES, exif, picture, telling

KINDS = pytest.mark.parametrize("kind", TYPES)
RED, BLUE = (220, 20, 20), (20, 20, 220)


def developed(body):
    made = copies.made_of(body)
    return made, Image.open(BytesIO(made.web)), Image.open(BytesIO(made.thumb))


def is_like(pixel, colour):
    return all(abs(one - other) < 24 for one, other in zip(pixel, colour, strict=True))


def half_and_half(orientation):
    """Stored so that a reader who minds the orientation sees red above blue, in an upright picture."""
    upright = Image.new("RGB", (480, 640), BLUE)
    upright.paste(RED, (0, 0, 480, 320))
    turned_back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    return upright.transpose(turned_back[orientation]) if orientation > 1 else upright


def display_p3():
    """A wider space, as iPhones have it: the primaries of P3, white of D65 adapted to D50, gamma 2.2."""
    tags = {
        b"desc": b"desc" + b"\0" * 4 + struct.pack(">I", 3) + b"P3\0" + b"\0" * 78,
        b"cprt": b"text" + b"\0" * 4 + b"none\0\0\0\0",
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.5151, 0.2412, -0.0011),
        b"gXYZ": xyz(0.2920, 0.6922, 0.0419),
        b"bXYZ": xyz(0.1571, 0.0666, 0.7841),
        **dict.fromkeys(
            (b"rTRC", b"gTRC", b"bTRC"), b"curv" + b"\0" * 4 + struct.pack(">IHH", 1, int(2.2 * 256), 0)
        ),
    }
    table, body, at = b"", b"", 132 + 12 * len(tags)
    for name, tag in tags.items():
        table += name + struct.pack(">II", at + len(body), len(tag))
        body += tag + b"\0" * (-len(tag) % 4)
    rest = struct.pack(">I", len(tags)) + table + body
    head = struct.pack(">I4sI4s4s4s", 128 + len(rest), b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    return head + b"\0" * 12 + b"acsp" + b"\0" * 28 + xyz(0.9642, 1.0, 0.8249)[8:] + b"\0" * 48 + rest


def xyz(*values):
    return b"XYZ " + b"\0" * 4 + b"".join(struct.pack(">i", round(value * 65536)) for value in values)


class TestCopies:
    @KINDS
    def test_are_made_of_every_kind(self, kind):
        made, web, thumb = developed(picture(kind, (3000, 1500), RED))
        assert (made.width, made.height) == (3000, 1500)
        assert (web.format, web.size, thumb.format, thumb.size) == ("WEBP", (2048, 1024), "WEBP", (480, 240))
        assert is_like(web.convert("RGB").getpixel((9, 9)), RED)

    def test_are_never_larger_than_what_came(self):
        _, web, thumb = developed(picture("PNG", (100, 50)))
        assert web.size == thumb.size == (100, 50)

    @KINDS
    def test_carry_nothing_along(self, kind):
        """Not where it was taken, above all: neither as it stands nor packed in anything."""
        body = telling(kind, taken="2026:03:01 13:00:00")
        assert SECRET.encode() in body
        made, *opened = developed(body)
        for copy, image in zip((made.web, made.thumb), opened, strict=True):
            assert SECRET.encode() not in copy
            assert not image.getexif()
            assert chunks(copy) <= {b"VP8 ", b"VP8L", b"ALPH", b"VP8X"}
            assert not flags(copy) & 0b00101100

    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
    def test_stand_upright(self, kind, orientation):
        stored = BytesIO()
        half_and_half(orientation).save(stored, kind, exif=exif(orientation))
        made, web, thumb = developed(stored.getvalue())
        assert (made.width, made.height) == web.size == (480, 640)
        for image in (web.convert("RGB"), thumb.convert("RGB")):
            width, height = image.size
            assert is_like(image.getpixel((width // 2, height // 4)), RED)
            assert is_like(image.getpixel((width // 2, height * 3 // 4)), BLUE)

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
    def test_show_a_wider_space_in_srgb(self, kind):
        """Its (200, 80, 60) is a stronger red than ours; taken for ours it would look dull."""
        how = {} if kind == "PNG" else {"quality": 95}
        _, web, _ = developed(picture(kind, (64, 64), (200, 80, 60), icc_profile=display_p3(), **how))
        red, green, _ = web.convert("RGB").getpixel((32, 32))
        assert red > 208
        assert green < 76

    @pytest.mark.parametrize("profile", [b"no profile", display_p3()[:200], b"\0" * 500])
    def test_do_without_a_profile_that_is_broken(self, profile):
        _, web, _ = developed(picture("PNG", (64, 64), RED, icc_profile=profile))
        assert is_like(web.convert("RGB").getpixel((9, 9)), RED)

    @pytest.mark.parametrize(
        ("mode", "colour"),
        [("L", 128), ("LA", (128, 255)), ("P", 3), ("1", 1), ("RGBA", (*RED, 128)), ("I;16", 30_000)],
    )
    def test_are_made_of_every_mode_of_png(self, mode, colour):
        _, web, _ = developed(picture("PNG", (64, 64), colour, mode=mode))
        assert web.size == (64, 64)

    def test_keep_a_grey_of_sixteen_bits_grey(self):
        _, web, _ = developed(picture("PNG", (64, 64), 32_768, mode="I;16"))
        assert is_like(web.convert("RGB").getpixel((9, 9)), (128, 128, 128))

    def test_are_made_of_a_jpeg_for_print(self):
        _, web, _ = developed(picture("JPEG", (64, 64), (0, 255, 255, 0), mode="CMYK"))
        assert is_like(web.convert("RGB").getpixel((9, 9)), (255, 0, 0))

    def test_show_the_first_of_many(self):
        more = [Image.new("RGB", (64, 64), BLUE)] * 3
        _, web, _ = developed(picture("WEBP", (64, 64), RED, save_all=True, append_images=more))
        assert not getattr(web, "is_animated", False)
        assert is_like(web.convert("RGB").getpixel((9, 9)), RED)

    def test_are_the_same_when_made_again(self):
        body = telling("JPEG")
        assert copies.made_of(body) == copies.made_of(body)


def chunks(webp):
    """The names of what it is made of."""
    names, at = set(), 12
    while at < len(webp):
        names.add(webp[at : at + 4])
        length = int.from_bytes(webp[at + 4 : at + 8], "little")
        at += 8 + length + length % 2
    return names


def flags(webp):
    return webp[20] if webp[12:16] == b"VP8X" else 0


class TestWhatCannotBeRead:
    @KINDS
    def test_is_what_ends_too_early(self, kind):
        noise = BytesIO()
        Image.frombytes("RGB", (200, 200), os.urandom(120_000)).save(noise, kind)
        with pytest.raises(copies.CannotBeRead):
            copies.made_of(noise.getvalue()[: len(noise.getvalue()) // 2])

    @pytest.mark.parametrize(
        "body", [b"", b"Bubbles", b"GIF89a" + b"\0" * 99, b"%!PS-Adobe-3.0\n", b"<svg/>"]
    )
    def test_is_what_is_no_picture(self, body):
        with pytest.raises(copies.CannotBeRead):
            copies.made_of(body)

    def test_is_a_bomb(self):
        """100 megapixels in 12 kB."""
        bomb = picture("PNG", (10_000, 10_000), mode="1", colour=0)
        assert len(bomb) < 20_000
        with pytest.raises(copies.CannotBeRead):
            copies.made_of(bomb)

    def test_is_what_unpacks_to_more_than_it_says(self):
        lying = bytearray(picture("PNG", (9000, 9000), mode="L", colour=0))
        lying[16:24] = struct.pack(">II", 64, 64)
        lying[29:33] = struct.pack(">I", zlib.crc32(bytes(lying[12:29])))
        made = copies.made_of(bytes(lying))
        assert (made.width, made.height) == (64, 64)


class TestDarkroom:
    def test_finds_no_secrets(self, monkeypatch, tmp_path):
        """It gets neither our environment nor our modules."""
        spy = tmp_path / "spy.py"
        spy.write_text("import os, sys, json; sys.stdout.write(json.dumps([dict(os.environ), sys.path]))")
        monkeypatch.setattr(copies, "PROGRAM", spy)
        monkeypatch.setenv("SECRET_KEY", SECRET)
        seen = []
        monkeypatch.setattr(copies, "taken_out", seen.append)
        copies.made_of(b"")
        assert SECRET.encode() not in seen[0]
        assert b"S3_SECRET_ACCESS_KEY" not in seen[0]
        assert str(darkroom.__file__).removesuffix("/events/darkroom.py").encode() + b'"' not in seen[0]

    @pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "os.abort()", "sys.exit(1)"])
    def test_that_breaks_says_so_and_takes_nothing_with_it(self, monkeypatch, tmp_path, end):
        broken = tmp_path / "broken.py"
        broken.write_text(f"import os, sys, resource; resource.setrlimit(4, (0, 0)); {end}")
        monkeypatch.setattr(copies, "PROGRAM", broken)
        with pytest.raises(copies.DarkroomBroke):
            copies.made_of(picture())

    def test_has_little_memory(self):
        wants = (
            f"import sys; sys.argv = []; exec(open({darkroom.__file__!r}).read().split('if __name__')[0])\n"
        )
        wants += "resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)); bytearray(MEMORY)"
        done = subprocess.run([sys.executable, "-I", "-c", wants], capture_output=True, check=False)
        assert b"MemoryError" in done.stderr

    def test_knows_the_profile_that_the_tests_make(self):
        assert ImageCms.ImageCmsProfile(BytesIO(display_p3())).profile.xcolor_space.strip() == "RGB"
