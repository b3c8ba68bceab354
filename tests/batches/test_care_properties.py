"""What must hold of every suggestion, whatever is known of a batch."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from batches.care import Facts
from batches.cultures import BottleKind, Culture, ferment
from batches.kinds import Kind
from batches.stages import Stage, Status
from tests.batches.brews import NOON, bottle, brew, hour, hours, read, suggest, told

BERLIN = ZoneInfo("Europe/Berlin")
CULTURES = st.sampled_from(list(Culture))
BOTTLED = st.sampled_from([culture for culture in Culture if ferment(culture).bottled])
TEMPERATURES = st.none() | st.floats(0, 45)
AMOUNTS = st.none() | st.floats(0, 50_000)


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    moments = st.none() | st.integers(-100, 3000).map(lambda h: NOON + hours(h))
    spans = st.none() | st.floats(-10, 2160).map(hours)
    values = {"ph": st.none() | st.floats(0, 14), "temperature_c": TEMPERATURES}
    readings = st.lists(st.builds(read, st.floats(-30, 500), **values), max_size=3)
    return Facts(
        culture=draw(CULTURES | st.text(max_size=9)),
        stage=draw(st.sampled_from(Stage)),
        status=draw(st.sampled_from(Status)),
        started_at=NOON,
        target=draw(spans),
        temperature_c=draw(TEMPERATURES),
        water_volume_ml=draw(AMOUNTS),
        sugar_grams=draw(AMOUNTS),
        grains_grams=draw(AMOUNTS),
        bottled_at=draw(moments),
        bottled_target=draw(spans),
        bottled_temperature_c=draw(TEMPERATURES),
        bottle_kind=draw(st.sampled_from([*BottleKind.values, "", "a boot"])),
        added_sugar_grams=draw(AMOUNTS),
        in_fridge_since=draw(moments),
        readings=tuple(draw(readings)),
    )


class TestEverySuggestion:
    @given(any_facts(), st.floats(-50, 5000))
    def test_is_to_come_short_and_one_of_its_kind(self, facts: Facts, after: float) -> None:
        now = NOON + hours(after)
        found = suggest(facts, now=now, zone=BERLIN)
        assert [one.due_at for one in found] == sorted(one.due_at for one in found)
        assert len({one.kind for one in found}) == len(found)
        assert all(one.due_at > now and one.due_at.utcoffset() == timedelta(0) for one in found)
        assert all(0 < len(one.message) <= 140 and 0 < len(one.why) <= 200 for one in found)
        assert all(one.kind in Kind.values and one.kind != Kind.CUSTOM for one in found)
        assert {one.priority for one in found} <= {0, 1, 2}

    @given(CULTURES, st.floats(0, 32), st.floats(0, 32))
    def test_of_a_jar_is_never_later_where_it_is_warmer(self, culture: str, one: float, other: float) -> None:
        fastest = brew(culture=culture).course.fastest_c
        cold, warm = sorted(min(t, fastest) for t in (one, other))
        late, soon = (told(brew(culture=culture, temperature_c=t)) for t in (cold, warm))
        assert late.keys() - soon.keys() <= {"too_cold"}
        assert all(hour(soon[kind]) <= hour(late[kind]) + 1e-6 for kind in soon.keys() & late.keys())

    @given(BOTTLED, st.sampled_from(BottleKind), st.floats(10, 29), st.floats(10, 29))
    def test_of_a_bottle_is_never_later_where_it_is_warmer(
        self, culture: str, kind: str, one: float, other: float
    ) -> None:
        cold, warm = sorted((one, other))
        late, soon = (
            told(bottle(culture=culture, bottle_kind=kind, bottled_temperature_c=t)) for t in (cold, warm)
        )
        assert "chill_by" in soon
        kinds = soon.keys() & late.keys() - {"taste"}
        assert all(hour(soon[name]) <= hour(late[name]) + 1e-6 for name in kinds)
