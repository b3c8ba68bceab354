"""The paper that labels come on, in millimetres, and the style sheet that puts each label in its place."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

A4, LETTER = (210.0, 297.0), (215.9, 279.4)
PAPERS = {"a4": A4, "letter": LETTER}
MARGIN = 8.0
PADDING = 1.5
# A code that is smaller is hard to read from a curved jar.
SMALLEST_CODE, LARGEST_CODE = 15.0, 40.0
RULER = 50


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Labels side by side on a sheet; or one on each page, for a printer with a roll."""

    paper: tuple[float, float]
    width: float
    height: float
    columns: int = 1
    rows: int = 1
    left: float = 0.0
    top: float = 0.0
    step_x: float = 0.0
    step_y: float = 0.0
    is_round: bool = False
    is_cut: bool = False

    @property
    def on_a_page(self) -> int:
        return self.columns * self.rows

    @property
    def is_sheet(self) -> bool:
        return self.paper in {A4, LETTER}

    @property
    def is_tall(self) -> bool:
        """Words below the code, not beside it."""
        return self.width < 1.5 * self.height

    @property
    def holds_words(self) -> bool:
        return not self.is_round and self.width >= SMALLEST_CODE + 20

    def places(self) -> Iterator[tuple[float, float]]:
        for row in range(self.rows):
            for column in range(self.columns):
                yield self.left + column * self.step_x, self.top + row * self.step_y

    def code_side(self, *, alone: bool) -> float:
        inner = min(self.width, self.height) - 2 * PADDING
        if self.is_round:
            return round(min(self.width, self.height) * 0.68, 2)
        if alone:
            return round(min(LARGEST_CODE, inner - 3), 2)
        most = self.height * 0.55 if self.is_tall else self.width * 0.45
        return round(min(LARGEST_CODE, inner, max(SMALLEST_CODE, most)), 2)


def one(width: float, height: float, *, is_round: bool = False) -> Layout:
    return Layout(paper=(width, height), width=width, height=height, is_round=is_round)


def centred(paper: tuple[float, float], width: float, height: float, *, is_cut: bool = True) -> Layout:
    """As many as fit, edge to edge, in the middle of the paper."""
    columns = max(1, int((paper[0] - 2 * MARGIN) // width))
    rows = max(1, int((paper[1] - 2 * MARGIN) // height))
    left, top = (paper[0] - columns * width) / 2, (paper[1] - rows * height) / 2
    return Layout(
        paper=paper, width=width, height=height, columns=columns, rows=rows,
        left=left, top=top, step_x=width, step_y=height, is_cut=is_cut,
    )  # fmt: skip


def sheet(
    paper: tuple[float, float],
    size: tuple[float, float],
    grid: tuple[int, int],
    origin: tuple[float, float],
    step: tuple[float, float],
) -> Layout:
    return Layout(
        paper=paper, width=size[0], height=size[1], columns=grid[0], rows=grid[1],
        left=origin[0], top=origin[1], step_x=step[0], step_y=step[1],
    )  # fmt: skip


OWN = "own"
PRESETS: dict[str, tuple[str | Promise, Layout]] = {
    "l7160": (
        _("Avery L7160 · A4, 21 of 63.5 × 38.1 mm"),
        sheet(A4, (63.5, 38.1), (3, 7), (7.2, 15.15), (66.04, 38.1)),
    ),
    "l4737": (
        _("Avery L4737, comes off · A4, 27 of 63.5 × 29.6 mm"),
        sheet(A4, (63.5, 29.6), (3, 9), (7.2, 15.3), (66.04, 29.6)),
    ),
    "l7163": (
        _("Avery L7163 · A4, 14 of 99.1 × 38.1 mm"),
        sheet(A4, (99.1, 38.1), (2, 7), (4.65, 15.15), (101.6, 38.1)),
    ),
    "l7162": (
        _("Avery L7162 · A4, 16 of 99.1 × 33.9 mm"),
        sheet(A4, (99.1, 33.9), (2, 8), (4.65, 12.9), (101.6, 33.9)),
    ),
    "l4736": (
        _("Avery L4736, L6009 · A4, 48 of 45.7 × 21.2 mm"),
        sheet(A4, (45.7, 21.2), (4, 12), (9.7, 21.3), (48.3, 21.2)),
    ),
    "5160": (
        _("Avery 5160, 5260, 5520 · Letter, 30 of 2⅝ × 1 in"),
        sheet(LETTER, (66.675, 25.4), (3, 10), (4.76, 12.7), (69.85, 25.4)),
    ),
    "22806": (
        _("Avery 22806 · Letter, 12 of 2 × 2 in"),
        sheet(LETTER, (50.8, 50.8), (3, 4), (15.875, 15.875), (66.675, 65.62)),
    ),
    "neck-a4": (_("Neck tags, plain A4: 10 of 90 × 50 mm"), centred(A4, 90, 50)),
    "neck-letter": (_("Neck tags, plain Letter: 10 of 90 × 50 mm"), centred(LETTER, 90, 50)),
    "dk62": (_("Brother DK endless, 62 × 40 mm"), one(62, 40)),
    "dk62x29": ("Brother DK 62 × 29 mm", one(62, 29)),
    "dk62x100": ("Brother DK 62 × 100 mm", one(62, 100)),
    "dk29x90": ("Brother DK 29 × 90 mm", one(90, 29)),
    "dk23": ("Brother DK 23 × 23 mm", one(23, 23)),
    "dk24": (_("Brother DK 24 mm round"), one(24, 24, is_round=True)),
    "tze18": (_("Brother TZe 18 mm tape, 60 mm long"), one(60, 18)),
    "tze24": (_("Brother TZe 24 mm tape, 70 mm long"), one(70, 24)),
    "dymo99010": ("DYMO 99010, 30252 · 89 × 28 mm", one(89, 28)),
    "dymo99012": ("DYMO 99012 · 89 × 36 mm", one(89, 36)),
    "dymo11354": ("DYMO 11354 · 57 × 32 mm", one(57, 32)),
    "dymo30336": ("DYMO 30336 · 54 × 25 mm", one(54, 25)),
    "50x30": (_("Roll, 50 × 30 mm"), one(50, 30)),
    "40x30": (_("Roll, 40 × 30 mm"), one(40, 30)),
}


def layout_of(preset: str, *, paper: str = "", width: float = 0, height: float = 0) -> Layout:
    """Of a preset, or of one's own size: on a sheet of paper, or one to a page."""
    if preset != OWN:
        return PRESETS[preset][1]
    return centred(PAPERS[paper], width, height) if paper in PAPERS else one(width, height)


def css_of(layout: Layout, *, alone: bool) -> str:
    """To a tenth of a millimetre where each thing stands; the same on the page and in the PDF."""
    side, width, height = layout.code_side(alone=alone), layout.width, layout.height
    beside = not alone and not layout.is_tall
    code_left = PADDING if beside else (width - side) / 2
    code_top = (height - side - (3 if alone else 0)) / 2 if beside or alone else PADDING
    words_left, words_top = (PADDING + side + 1, PADDING) if beside else (PADDING, code_top + side + 0.5)
    size = max(6.5, min(13.0, (height if beside else height - side) * 0.3))
    rules = [
        f"@page {{ size: {mm(layout.paper[0])} {mm(layout.paper[1])}; margin: 0 }}",
        f".sheet {{ width: {mm(layout.paper[0])}; height: {mm(layout.paper[1])} }}",
        f".slot {{ width: {mm(width)}; height: {mm(height)} }}",
        f".slot svg {{ left: {mm(code_left)}; top: {mm(code_top)}; width: {mm(side)}; height: {mm(side)} }}",
        f".words {{ left: {mm(words_left)}; top: {mm(words_top)}; right: {mm(PADDING)}; bottom: {mm(PADDING)} }}",
        f".words {{ font-size: {size * 0.72:.2f}pt; text-align: {'left' if beside else 'center'} }}",
        f".words b {{ font-size: {size:.2f}pt }}",
        *(
            f".slot-{number} {{ left: {mm(x)}; top: {mm(y)} }}"
            for number, (x, y) in enumerate(layout.places(), start=1)
        ),
    ]
    return "\n".join([BASE, *rules])


def mm(length: float) -> str:
    return f"{length:.2f}mm"


BASE = """
body { margin: 0; font-family: Figtree, "DejaVu Sans", sans-serif; color: #000; background: #fff }
.sheet { position: relative; overflow: hidden; break-after: page }
.sheet:last-child { break-after: auto }
.slot { position: absolute; overflow: hidden }
.slot svg { position: absolute; display: block }
.words { position: absolute; overflow: hidden; line-height: 1.2 }
.words b, .words span { display: block }
.words b { line-height: 1.1; margin-bottom: 0.3mm; overflow-wrap: anywhere }
.words .warning { font-weight: 700 }
.words .code { letter-spacing: 0.3pt }
.cut { outline: 0.2mm dashed #999; outline-offset: -0.1mm }
.hole { position: absolute; right: 3mm; top: 3mm; width: 5mm; height: 5mm }
.hole { border: 0.2mm dashed #999; border-radius: 50% }
.ruler { position: absolute; left: 10mm; top: 4mm; width: 50mm; height: 2mm; box-sizing: border-box; font-size: 6pt }
.ruler { border: solid #000; border-width: 0 0.2mm 0.2mm }
.ruler span { position: absolute; left: 52mm; top: -0.5mm; white-space: nowrap }
""".strip()
