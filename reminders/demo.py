"""A keeper with a believable kitchen: one jar that ferments, one bottled and in the fridge."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sin

from django.db import transaction

from accounts.models import User
from batches import actions as batches
from batches import care
from batches.cultures import BottleKind, Culture
from batches.keepers import keeper_of
from batches.models import Batch
from batches.stages import Stage, Status
from events import actions as events
from events.kinds import Kind, Taste
from reminders import actions as reminders
from sensors import actions as sensors
from sensors.kinds import Kind as SensorKind
from sensors.models import SILENT_AFTER
from sensors.shapes import Said

KEEPER = "test@example.com"


@dataclass(frozen=True)
class Seeded:
    new: int
    kept: int


@transaction.atomic
def seed(*, now: datetime) -> Seeded:
    """What is there already, told by its name, is left as it is."""
    keeper = User.objects.filter(email=KEEPER).first() or User.objects.create_user(
        KEEPER, name="Test", welcomed_at=now
    )
    mine = Batch.objects.of(keeper)
    makers = {"Lemon & ginger water kefir": fermenting, "Raspberry water kefir": chilled}
    missing = [name for name in makers if not mine.filter(name=name).exists()]
    for name in missing:
        makers[name](keeper, name, now)
    return Seeded(new=len(missing), kept=mine.count())


def fermenting(keeper: User, name: str, now: datetime) -> None:
    """Open, one day in, with its suggested reminders confirmed."""
    started = now - timedelta(days=1)
    batch = batches.start(
        owner=keeper,
        now=now,
        started_at=started,
        name=name,
        culture=Culture.WATER_KEFIR,
        water_volume_ml=1500,
        sugar_grams=90,
        sugar_type="Raw cane",
        grains_grams=90,
        fruits=["Lemon", "Ginger"],
        temperature_c=22,
        notes="Two dried figs on top.",
        is_public=True,
        public_note="Our house kefir. Ask me for some grains!",
    )
    events.record(
        batch=batch, now=now, kind=Kind.NOTE, occurred_at=started, description="Fresh spring water."
    )
    events.record(
        batch=batch,
        now=now,
        kind=Kind.OBSERVATION,
        occurred_at=now - timedelta(hours=16),
        description="Small bubbles, the figs are rising.",
    )
    events.record(
        batch=batch,
        now=now,
        kind=Kind.TASTE,
        occurred_at=now - timedelta(hours=1),
        taste=Taste.TOO_SWEET,
        fizz=1,
    )
    measured(batch, started, now)
    agree(batch, now)


def measured(
    batch: Batch,
    started: datetime,
    now: datetime,
    *,
    every: int = 1,
    name: str = "Blue float",
    silent_after: timedelta | None = SILENT_AFTER,
) -> None:
    """By a float in the jar, every hour or so: a little warmer in the afternoon, and less and less sugar."""
    sensor, _ = sensors.add(owner=batch.owner, now=started, name=name, batch=batch, silent_after=silent_after)
    for hour in range(0, int((now - started) / timedelta(hours=1)) + 1, every):
        said = Said(
            kind=SensorKind.TILT,
            values={
                "temperature_c": round(22 + 0.8 * sin(hour / 4), 2),
                "gravity_sg": round(1.03 - 0.0005 * hour, 4),
            },
        )
        sensors.take(sensor=sensor, said=said, now=started + timedelta(hours=hour))


def chilled(keeper: User, name: str, now: datetime) -> None:
    """Bottled the evening before yesterday, in the fridge since yesterday."""
    started, bottled = now - timedelta(days=4), now - timedelta(hours=38)
    batch = batches.start(
        owner=keeper,
        now=started,
        name=name,
        culture=Culture.WATER_KEFIR,
        water_volume_ml=1000,
        sugar_grams=60,
        grains_grams=60,
        temperature_c=23,
    )
    events.record(batch=batch, now=bottled, kind=Kind.MEASUREMENT, ph=3.8, temperature_c=23)
    batch = batches.move(
        batch=batch,
        now=bottled,
        stage=Stage.BOTTLED,
        bottle_count=2,
        bottle_volume_ml=500,
        bottle_kind=BottleKind.PET,
        added_sugar_grams=5,
        bottled_temperature_c=21,
    )
    events.record(
        batch=batch, now=now - timedelta(days=1, hours=2), kind=Kind.BURPED, description="A good hiss."
    )
    batch = batches.move(batch=batch, now=now - timedelta(days=1), status=Status.IN_FRIDGE)
    agree(batch, now)


def agree(batch: Batch, now: datetime) -> None:
    """Confirm all that is suggested."""
    suggested = care.suggest(batch.facts(), now=now, keeper=keeper_of(batch.owner))
    wanted = [{"kind": one.kind, "due_at": one.due_at, "message": one.message} for one in suggested]
    reminders.confirm(batch=batch, reminders=wanted, now=now)
