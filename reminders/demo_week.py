"""A believable week for somebody who only tries it: as if they had kept four jars, up to this very minute.

All of it is written down by the verbs, at the times when it would have happened; so it is never stale.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from batches import actions as batches
from batches import bottling
from batches.cultures import BottleKind, Culture, offered
from batches.models import Batch
from batches.stages import Stage, Status
from events import actions as events
from events.kinds import Kind, Taste
from reminders import actions as reminders
from reminders import demo_pictures
from reminders.demo import agree, measured
from work import actions as work

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Whose bottles stand such a week; a wilder one would begin with an alarm.
GENTLE = (Culture.WATER_KEFIR, Culture.KOMBUCHA, Culture.MILK_KEFIR)


@transaction.atomic
def fill(*, keeper: User, now: datetime) -> None:
    """An open jar, two groups of bottles, some in the fridge, some that were good; and one thing left undone."""
    culture = culture_of_the_house()
    finished(keeper, culture, now)
    chilled(keeper, culture, now)
    in_bottles(keeper, culture, now)
    at_work(keeper, culture, now)
    # What speaks to the bucket may fail, and takes time.
    work.enqueue(kind=demo_pictures.JOB, key=str(keeper.pk), owner=keeper, now=now)


def culture_of_the_house() -> str:
    shown = [culture for culture, _words in offered(settings.CULTURES)]
    return next((culture for culture in GENTLE if culture in shown), Culture.WATER_KEFIR)


def jar(keeper: User, culture: str, at: datetime, *, name: str, fruits: list[str] | None = None) -> Batch:
    return batches.start(
        owner=keeper,
        now=at,
        name=name,
        culture=culture,
        water_volume_ml=2000,
        sugar_grams=120,
        sugar_type=_("raw cane"),
        grains_grams=120,
        fruits=fruits or [],
        temperature_c=22,
    )


def at_work(keeper: User, culture: str, now: datetime) -> Batch:
    """Twenty hours in, with a gadget that floats in it."""
    started = now - 20 * HOUR
    batch = jar(keeper, culture, started, name=_("Lemon and fig"), fruits=[_("Lemon"), _("Dried fig")])
    seen = now - 6 * HOUR
    events.record(
        batch=batch, now=seen, kind=Kind.OBSERVATION, description=_("Small bubbles; the figs rise.")
    )
    measured(batch, started, now, every=2, name=_("Float in the jar"), silent_after=None)
    agree(batch, now)
    return batch


def in_bottles(keeper: User, culture: str, now: datetime) -> list[Batch]:
    """From one jar. Those with berries stand warm, and must be cold in a few hours."""
    started, bottled = now - 74 * HOUR, now - 14 * HOUR
    batch = jar(keeper, culture, started, name=_("House blend"))
    events.record(batch=batch, now=bottled - HOUR, kind=Kind.TASTE, taste=Taste.JUST_RIGHT, fizz=1)
    poured = bottling.bottle_groups(
        batch=batch, now=bottled, groups=[raspberry(), ginger()], bottled_at=bottled
    )
    berries, root = poured.groups
    undone = {"due_at": now - 2 * HOUR, "message": _("Open one bottle and look how it hisses.")}
    reminders.confirm(batch=berries, reminders=[undone], now=bottled)
    for group in (berries, root):
        agree(group, now)
    return poured.groups


def raspberry() -> dict[str, object]:
    return {
        "fruits": [_("Raspberry")],
        "bottle_count": 3,
        "bottle_volume_ml": 500,
        "bottle_kind": BottleKind.SWING_TOP,
        "added_sugar_grams": 6,
        "bottled_temperature_c": 21,
    }


def ginger() -> dict[str, object]:
    return {
        "fruits": [_("Ginger")],
        "bottle_count": 1,
        "bottle_volume_ml": 500,
        "bottle_kind": BottleKind.PET,
        "added_sugar_grams": 2,
        "bottled_temperature_c": 18,
    }


def chilled(keeper: User, culture: str, now: datetime) -> Batch:
    started, bottled, cold = now - 5 * DAY, now - 50 * HOUR, now - 40 * HOUR
    batch = bottled_whole(keeper, culture, started, bottled, name=_("Mint and lime"))
    events.record(batch=batch, now=cold - HOUR, kind=Kind.BURPED, description=_("A good hiss."))
    batch = batches.move(batch=batch, now=cold, status=Status.IN_FRIDGE)
    agree(batch, now)
    return batch


def finished(keeper: User, culture: str, now: datetime) -> Batch:
    """Good, and remembered; cold since the first evening, and in bottles that bear it."""
    started, bottled, good = now - 9 * DAY, now - 7 * DAY, now - 5 * DAY
    batch = bottled_whole(
        keeper, culture, started, bottled, name=_("Plum and cinnamon"), bottle_kind=BottleKind.CHAMPAGNE
    )
    cold = bottled + 10 * HOUR
    events.record(batch=batch, now=cold - HOUR, kind=Kind.BURPED, description=_("A good hiss."))
    batch = batches.move(batch=batch, now=cold, status=Status.IN_FRIDGE)
    events.record(
        batch=batch,
        now=good + 6 * HOUR,
        kind=Kind.TASTE,
        taste=Taste.JUST_RIGHT,
        fizz=4,
        description=_("The best so far. Again, with a little less sugar."),
    )
    return batches.move(batch=batch, now=good + DAY, status=Status.READY)


def bottled_whole(
    keeper: User,
    culture: str,
    started: datetime,
    bottled: datetime,
    *,
    name: str,
    bottle_kind: str = BottleKind.SWING_TOP,
) -> Batch:
    batch = jar(keeper, culture, started, name=name)
    return batches.move(
        batch=batch,
        now=bottled,
        stage=Stage.BOTTLED,
        bottle_count=4,
        bottle_volume_ml=500,
        bottle_kind=bottle_kind,
        added_sugar_grams=8,
        bottled_temperature_c=21,
    )
