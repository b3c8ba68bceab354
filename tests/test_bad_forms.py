"""What people type, and what scripts send in their stead: refused beside its field, or kept as the words it is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.api import call
from tests.factories import make_batch, make_event
from tests.rows import everything


@pytest.fixture
def jar(alice):
    now = timezone.now()
    return make_batch(owner=alice, now=now, started_at=now - timedelta(hours=2), name="Jar")


def typed_wrong(fields):
    """What somebody may type, or a script may send, into a form."""
    number = ["x", "NaN", "inf", "-inf", "1e309", "9" * 400, "-1", "\0", "1;2", "0x10", "🫙"]
    time = [
        "x",
        "\0",
        "2026-02-30T12:00",
        "9999-12-31T23:59",
        "0001-01-01T00:00",
        "12:00",
        "2999-01-01T00:00+25:00",
    ]
    choice = ["x", "\0", "OPEN", "🫙", "x" * 10_000]
    kinds = {"number": number, "time": time, "choice": choice, "text": ["\0", "x" * 10_000]}
    return pytest.mark.parametrize(
        ("field", "values"), [(name, kinds[kind]) for name, kind in fields.items()], ids=list(fields)
    )


RECIPE_FORM = {
    **dict.fromkeys(
        ["water_volume_ml", "sugar_grams", "grains_grams", "temperature_c", "target_hours"], "number"
    ),
    **dict.fromkeys(["name", "sugar_type", "notes", "fruits"], "text"),
    "culture": "choice",
    "started_at": "time",
}
BOTTLE_FORM = {
    **dict.fromkeys(["bottle_count", "bottle_volume_ml", "added_sugar_grams"], "number"),
    **dict.fromkeys(["bottled_temperature_c", "bottled_target_hours"], "number"),
    "bottle_kind": "choice",
    "bottled_at": "time",
    "fruits": "text",
}
EVENT_FORM = {
    **dict.fromkeys(["ph", "brix", "temperature_c"], "number"),
    "kind": "choice",
    "taste": "choice",
    "fizz": "choice",
    "occurred_at": "time",
    "description": "text",
}


class TestForms:
    def typed(self, page, path, filled, values, form="form"):
        (known, field), before, bad = filled, everything(), []
        for value in values:
            answer = page.post(path, known | {field: value})
            errors = answer.context[form].errors.as_data() if answer.status_code == 422 else {}
            name = field.rpartition("-")[2]
            if not set(errors) & {name, "__all__"}:
                bad.append((value[:20], answer.status_code, set(errors)))
        assert not bad
        assert everything() == before

    @typed_wrong(RECIPE_FORM)
    def test_of_a_new_batch(self, page, field, values):
        known = {"culture": "water_kefir", "started_at": "2026-03-01T12:00"}
        self.typed(page, "/batches/new", (known, field), values)

    @typed_wrong(RECIPE_FORM)
    def test_of_a_batch(self, page, jar, field, values):
        known = {"culture": "water_kefir", "name": "Jar", "started_at": "2026-03-01T12:00"}
        self.typed(page, f"/batches/{jar.pk}/edit", (known, field), values)

    @typed_wrong(BOTTLE_FORM)
    def test_of_its_bottles(self, page, jar, field, values):
        known = {"bottled_at": f"{timezone.now():%Y-%m-%dT%H:%M}"}
        self.typed(page, f"/batches/{jar.pk}/bottle", (known, field), values)

    @typed_wrong(EVENT_FORM | {"id": "choice"})
    def test_of_a_new_event(self, page, jar, field, values):
        known = {"kind": "note", "description": "Bubbles"}
        self.typed(page, f"/batches/{jar.pk}/events", (known, field), values)

    @typed_wrong(EVENT_FORM)
    def test_of_an_event(self, page, jar, field, values):
        event = make_event(batch=jar, now=timezone.now())
        known = {"kind": "note", "description": "Bubbles", "occurred_at": f"{timezone.now():%Y-%m-%dT%H:%M}"}
        self.typed(page, f"/events/{event.pk}/edit", (known, field), values)

    @typed_wrong({"own-message": "text", "own-due_at": "time"})
    def test_of_a_reminder_of_ones_own(self, page, jar, field, values):
        known = {"own-message": "Stir", "own-due_at": f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M}"}
        self.typed(page, f"/batches/{jar.pk}/reminders", (known, field), values, form="own")

    def test_a_body_of_ten_megabytes_is_refused(self, page, jar):
        before = everything()
        typed = f"notes={'x' * 10_000_000}"
        answer = page.post(f"/batches/{jar.pk}/edit", typed, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in {400, 413}
        assert everything() == before

    def test_a_body_of_a_thousand_fields_is_refused(self, page, jar):
        answer = page.post(f"/batches/{jar.pk}/edit", {f"field{n}": "x" for n in range(1000)})
        assert answer.status_code in {400, 413}

    @pytest.mark.parametrize(
        "content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x"]
    )
    def test_a_body_that_is_no_form_fills_in_nothing(self, page, jar, content_type):
        before = everything()
        page.raise_request_exception = False
        answer = page.post(f"/batches/{jar.pk}/edit", b"\xff{garbage", content_type=content_type)
        assert answer.status_code in {200, 400, 422}
        assert everything() == before


HARMLESS = [
    *("🫙🍋", "كفير الماء", "a\u202eb", "\u200d", "é" * 50),
    *("{{7*7}}", "{% now 'Y' %}", "<script>alert(1)</script>", "'; DROP TABLE x; --", "%s %(a)s"),
]


class TestOddWords:
    @pytest.mark.parametrize("words", HARMLESS)
    def test_are_kept_as_they_are_and_shown_as_words(self, api, page, words):
        answer = call(api, "post", "/batches", {"name": words, "notes": words, "fruits": [words[:40]]})
        assert (answer.status_code, answer.json()["name"], answer.json()["notes"]) == (201, words, words)
        path = f"/batches/{answer.json()['id']}"
        call(api, "post", f"{path}/events", {"description": words})
        call(api, "post", f"{path}/reminders/confirm", {"reminders": [{"dueAt": soon(), "message": words}]})
        for shown in (
            "/",
            "/batches/",
            path,
            f"{path}/edit",
            f"{path}/code",
            "/reminders/",
            path.replace("batches", "b"),
        ):
            text = page.get(shown).content.decode()
            assert "<script>alert" not in text
            assert ">49<" not in text

    def test_are_cut_to_nothing_by_spaces_alone(self, api):
        assert (
            call(api, "post", "/batches", {"name": " \t ", "notes": "  "})
            .json()["name"]
            .startswith("Water kefir")
        )


def soon():
    return (timezone.now() + timedelta(hours=1)).isoformat()
