"""Labels: what stands on them, where they stand on the paper, and that a phone reads them."""

from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from django.test import Client

from batches.codes import code as code_of
from tags import orders, pdf, press
from tags.models import LabelSheet
from tags.presets import A4, LETTER, PRESETS, SMALLEST_CODE, layout_of
from tags.sheets import html_of, labels_of, pages_of
from tests.factories import NOON, make_batch, make_bottled
from tests.tags.jars import make_blank, make_tag
from work.models import Job

# As an office printer prints, and a phone's camera sees it from a hand's breadth.
DPI = 300


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, name="Lemon", fruits=["lemon", "ginger"])


def order(owner, *batches, **chosen):
    return orders.order(owner=owner, batches=batches, now=NOON, **chosen)


def pictures(made):
    return [page.render(scale=DPI / 72).to_pil() for page in pypdfium2.PdfDocument(BytesIO(made))]


def read(picture):
    return [found.text for found in zxingcpp.read_barcodes(picture)]


class TestLayouts:
    @pytest.mark.parametrize("preset", PRESETS)
    def test_stay_on_their_paper(self, preset):
        layout = layout_of(preset)
        right = max(x for x, _ in layout.places()) + layout.width
        bottom = max(y for _, y in layout.places()) + layout.height
        assert right <= layout.paper[0] + 0.01
        assert bottom <= layout.paper[1] + 0.01

    @pytest.mark.parametrize("preset", PRESETS)
    def test_do_not_overlap(self, preset):
        layout = layout_of(preset)
        assert layout.columns == 1 or layout.step_x >= layout.width
        assert layout.rows == 1 or layout.step_y >= layout.height - 0.01

    @pytest.mark.parametrize("preset", PRESETS)
    @pytest.mark.parametrize("alone", [True, False])
    def test_keep_codes_large_enough(self, preset, alone):
        layout = layout_of(preset)
        side = layout.code_side(alone=alone or not layout.holds_words)
        assert SMALLEST_CODE - 3 <= side <= min(layout.width, layout.height)

    @pytest.mark.parametrize(
        ("preset", "number"),
        [
            *[("5160", 30), ("22806", 12), ("l7160", 21), ("l4737", 27), ("l7163", 14), ("l7162", 16)],
            *[("l4736", 48), ("neck-a4", 10), ("neck-letter", 10), ("dk62", 1)],
        ],
    )
    def test_hold_as_many_as_the_box_says(self, preset, number):
        assert layout_of(preset).on_a_page == number

    @pytest.mark.parametrize(("paper", "size"), [("a4", A4), ("letter", LETTER), ("roll", (50, 30))])
    def test_of_ones_own_size_go_on_any_paper(self, paper, size):
        assert layout_of("own", paper=paper, width=50, height=30).paper == size


class TestWords:
    def test_of_a_jar_say_what_and_since_when(self, alice, jar):
        [label] = labels_of(order(alice, jar))
        assert (label.name, label.lines[0], label.warning) == ("Lemon", "lemon, ginger", "")
        assert "started 1 Mar 2026" in label.lines[1]

    def test_of_bottles_say_until_when_and_that_they_are_pressed(self, alice):
        [label] = labels_of(order(alice, make_bottled(owner=alice)))
        assert "bottled 1 Mar 2026" in label.lines[0]
        assert label.lines[1].startswith("Drink by ")
        assert "pressure" in label.warning

    def test_warn_before_anything_that_may_be_cut_off(self, alice):
        made = html_of(order(alice, make_bottled(owner=alice), preset="l4736"))
        assert made.index("Under pressure") < made.index("Drink by")

    def test_are_words_and_no_markup(self, alice):
        made = html_of(order(alice, make_batch(owner=alice, name='<img src="file:///etc/passwd">')))
        assert "<img" not in made

    def test_are_of_what_is_theirs_alone(self, alice, bob, jar):
        assert labels_of(order(bob, jar)) == []


class TestPages:
    def test_begin_where_the_last_sheet_ended(self, alice, jar):
        pages = pages_of(order(alice, jar, first=20, copies=4))
        assert [[slot.number for slot in page] for page in pages] == [[20, 21], [1, 2]]

    def test_of_a_roll_have_one_each(self, alice, jar):
        pages = pages_of(order(alice, jar, preset="dk62", first=9, copies=3))
        assert [[slot.number for slot in page] for page in pages] == [[1]] * 3


class TestOrder:
    def test_takes_the_place_of_the_last(self, alice, jar):
        order(alice, jar)
        second = order(alice, jar, copies=2)
        assert LabelSheet.objects.get() == second

    def test_refuses_nothing(self, alice):
        with pytest.raises(orders.NothingToPrint):
            order(alice)

    def test_refuses_too_many(self, alice, jar, bob):
        with pytest.raises(orders.TooManyLabels):
            order(alice, *[jar] * 5, copies=100)
        assert not LabelSheet.objects.exists()


class TestPDF:
    """Made by the real program, and read back by a decoder at print size."""

    def made(self, run_jobs, sheet):
        run_jobs()
        sheet.refresh_from_db()
        assert sheet.state == "ready"
        return bytes(sheet.pdf)

    @pytest.mark.parametrize(
        "preset", ["l7160", "l4736", "22806", "neck-letter", "tze18", "dk23", "dk24", "40x30"]
    )
    def test_is_read_by_a_phone(self, alice, jar, run_jobs, preset, settings):
        settings.SITE_URL = "https://kefir.example"
        tag = make_tag(owner=alice)
        sheet = orders.order(owner=alice, batches=[jar], tags=[tag], preset=preset, now=NOON)
        found = [text for picture in pictures(self.made(run_jobs, sheet)) for text in read(picture)]
        wanted = [f"HTTPS://KEFIR.EXAMPLE/B/{jar.pk}", f"HTTPS://KEFIR.EXAMPLE/J/{tag.code}"]
        assert sorted(found) == wanted
        assert code_of(wanted[1]).version == 2

    def test_has_pages_of_exactly_the_size_of_the_label(self, alice, jar, run_jobs):
        sheet = order(alice, jar, preset="own", own_paper="roll", own_width_mm=57, own_height_mm=32)
        [page] = pypdfium2.PdfDocument(BytesIO(self.made(run_jobs, sheet)))
        assert [round(side / 72 * 25.4, 1) for side in page.get_size()] == [57.0, 32.0]

    def test_of_a_whole_sheet_has_every_code(self, alice, run_jobs):
        blanks = [make_blank(printed_by=alice) for _ in range(21)]
        sheet = orders.order(owner=alice, tags=blanks, now=NOON)
        [picture] = pictures(self.made(run_jobs, sheet))
        assert {text[-8:] for text in read(picture)} == {tag.code for tag in blanks}

    def test_has_a_ruler_of_fifty_millimetres(self, alice, jar, run_jobs):
        [picture] = pictures(self.made(run_jobs, order(alice, jar)))
        row = picture.convert("L").crop(
            (0, round(5.9 / 25.4 * DPI), picture.width, round(5.95 / 25.4 * DPI) + 1)
        )
        dark = [x for x in range(row.width) if row.getpixel((x, 0)) < 128]
        length = (max(x for x in dark if x < 62 / 25.4 * DPI) - dark[0] + 1) / DPI * 25.4
        assert abs(length - 50) < 0.3

    def test_reads_no_file_and_calls_no_host(self):
        made = pdf.made_of(
            '<img src="file:///etc/hostname"><img src="http://127.0.0.1:9/x"><p>Kept</p>', css=""
        )
        document = pypdfium2.PdfDocument(BytesIO(made))
        assert not list(document[0].get_objects(filter=[3]))
        assert "Kept" in document[0].get_textpage().get_text_bounded()

    def test_says_what_is_missing_where_it_cannot_be_made(self, alice, jar, run_jobs, monkeypatch, tmp_path):
        broken = tmp_path / "press.py"
        broken.write_text(f"raise SystemExit({press.CANNOT_START})")
        monkeypatch.setattr(pdf, "PROGRAM", broken)
        sheet = order(alice, jar)
        run_jobs()
        sheet.refresh_from_db()
        assert sheet.state == "failed"

    def test_that_kills_every_worker_is_said_to_have_failed(self, alice, jar, run_jobs):
        sheet = order(alice, jar)
        # Counted before each try, of which none came back.
        Job.objects.filter(kind=orders.KIND).update(attempts=3)
        run_jobs()
        sheet.refresh_from_db()
        assert sheet.state == "failed"

    def test_is_made_once(self, alice, jar, run_jobs, monkeypatch):
        sheet = order(alice, jar)
        first = self.made(run_jobs, sheet)
        monkeypatch.setattr(pdf, "made_of", None)
        orders.make(sheet_id=sheet.pk, now=NOON)
        sheet.refresh_from_db()
        assert bytes(sheet.pdf) == first


class TestPagesOfLabels:
    def typed(self, jar, **more):
        return {"batches": [jar.pk], "preset": "l7160", "own_paper": "a4", "first": 1, "copies": 1} | more

    def test_print_from_the_browser_before_there_is_a_pdf(self, page, jar):
        ordered = page.post("/labels/", self.typed(jar))["Location"]
        assert "Being made" in page.get(ordered).content.decode()
        shown = page.get(f"{ordered}/print").content.decode()
        assert "Lemon" in shown
        assert "style=" not in shown
        assert "size: 210.00mm 297.00mm" in page.get(f"{ordered}/sheet.css").content.decode()
        assert page.get(f"{ordered}/labels.pdf")["Location"] == ordered

    def test_give_the_pdf_when_it_is_there(self, page, jar, run_jobs):
        ordered = page.post("/labels/", self.typed(jar))["Location"]
        run_jobs()
        answer = page.get(f"{ordered}/labels.pdf")
        assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")

    def test_remember_the_paper(self, page, jar):
        page.post("/labels/", self.typed(jar, preset="own", own_width_mm="61", own_height_mm="33"))
        form = page.get("/labels/").context["form"]
        assert (form["preset"].value(), form["own_width_mm"].value()) == ("own", 61)

    def test_offer_blank_tags_when_they_are_asked_for(self, page, alice):
        blank = make_blank(printed_by=alice)
        assert blank.code not in page.get("/labels/").content.decode()
        form = page.get("/labels/?blank=1").context["form"]
        assert [box.data["selected"] for box in form["tags"]] == [True]
        typed = {"tags": [blank.pk], "preset": "l7160", "own_paper": "a4", "first": 1, "copies": 1}
        assert page.post("/labels/?blank=1", typed).status_code == 302

    def test_have_ticked_what_was_asked_for(self, page, jar, alice):
        make_batch(owner=alice, name="Other")
        form = page.get(f"/labels/?batch={jar.pk}").context["form"]
        assert [str(box.data["value"]) for box in form["batches"] if box.data["selected"]] == [jar.pk]

    @pytest.mark.parametrize(
        "wrong",
        [
            *({"first": "0"}, {"first": "49"}, {"copies": "x"}, {"preset": "x"}, {"preset": "own"}),
            *({"batches": []}, {"own_width_mm": "5"}, {"tags": ["x"]}),
        ],
        ids=str,
    )
    def test_refuse_what_cannot_be(self, page, jar, wrong):
        assert page.post("/labels/", self.typed(jar, **wrong)).status_code == 422
        assert not LabelSheet.objects.exists()

    def test_print_nothing_of_anothers(self, bob, jar):
        client = Client()
        client.force_login(bob)
        assert client.post("/labels/", self.typed(jar)).status_code == 422
        assert not LabelSheet.objects.exists()
