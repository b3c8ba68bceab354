"""The look keeps its promises: words one can read, nothing the content policy would refuse, no left and no right."""

import re
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# A mail meets no stylesheet of ours, and no content policy either.
TEMPLATES = sorted(
    path
    for path in (ROOT / "templates").rglob("*.html")
    if path.name != "email.html" and path.parent.name != "email"
)
STATES = ["honey", "raspberry", "ice", "leaf", "quiet", "danger"]
SURFACES = ["paper", "card"]
REFUSED = re.compile(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\bsrc=)(?![^>]*json)")

WORDS = [
    *product(["ink", "ink-soft"], [*SURFACES, "sunk", *(f"{state}-tint" for state in STATES)]),
    *product([f"{state}-ink" for state in STATES], SURFACES),
    *((f"{state}-ink", f"{state}-tint") for state in STATES),
    ("ink", "marker"),
    ("card", "ink"),
]
SHAPES = [*product([*STATES, "edge", "focus"], SURFACES)]

SIDES = re.compile(
    r"(?:margin|padding|border)-(?:left|right)|(?:^|[\s;{])(?:left|right):|text-align:\s*(?:left|right)|float:",
    re.MULTILINE,
)
FOUR = re.compile(r"(?:margin|padding):\s*([^\s;()]+) ([^\s;()]+) ([^\s;()]+) ([^\s;()]+);")


def colours(scheme: int) -> dict[str, str]:
    css = (ROOT / "static/css/tokens.css").read_text()
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)
    return {name: (light, dark)[scheme] for name, light, dark in pairs}


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
class TestContrast:
    @pytest.mark.parametrize(("words", "behind"), WORDS)
    def test_words_can_be_read(self, scheme: int, words: str, behind: str) -> None:
        named = colours(scheme)
        assert contrast(named[words], named[behind]) >= 4.5

    @pytest.mark.parametrize(("shape", "behind"), SHAPES)
    def test_shapes_can_be_seen(self, scheme: int, shape: str, behind: str) -> None:
        named = colours(scheme)
        assert contrast(named[shape], named[behind]) >= 3


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
class TestTemplates:
    def test_carry_no_inline_style_or_script(self, template: Path) -> None:
        assert not REFUSED.search(template.read_text())

    def test_name_only_icons_that_are_drawn(self, template: Path) -> None:
        drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/img/icons.svg").read_text()))
        named = re.findall(r'icon\.html" with name="([\w-]+)"|\bicon="([\w-]+)"', template.read_text())
        assert {name for pair in named for name in pair if name} <= drawn


@pytest.mark.parametrize("path", sorted((ROOT / "static/css").glob("*.css")), ids=lambda path: path.name)
def test_a_style_sheet_knows_start_and_end_and_no_left_and_right(path):
    text = path.read_text()
    assert not SIDES.findall(text)
    assert not [four for four in FOUR.findall(text) if four[1] != four[3]]


class TestFonts:
    def test_weigh_less_than_250_kb(self) -> None:
        assert sum(font.stat().st_size for font in (ROOT / "static/fonts").glob("*.woff2")) < 250_000

    def test_come_with_their_licences(self) -> None:
        for family in ("fraunces", "figtree"):
            assert "SIL OPEN FONT LICENSE" in (ROOT / f"static/fonts/{family}-OFL.txt").read_text()
