"""The cultures that live on from batch to batch, as data: what they are called, and what keeps them alive.

Every number is a default; H, M, L say how far to trust it, L alone is our judgement.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from batches.cultures import Culture


class GrainKind(TextChoices):
    """By the culture they make; vegetables and tepache begin anew each time, from what is on them."""

    WATER_KEFIR = Culture.WATER_KEFIR.value, _("Water kefir grains")
    MILK_KEFIR = Culture.MILK_KEFIR.value, _("Milk kefir grains")
    KOMBUCHA = Culture.KOMBUCHA.value, _("SCOBY")
    GINGER_BEER = Culture.GINGER_BEER.value, _("Ginger bug")
    SOURDOUGH = Culture.SOURDOUGH.value, _("Sourdough starter")


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """What one kind of culture needs while it rests, and while it is out with nothing to do."""

    food: Promise | str  # what it rests in, or is fed with
    # How much of it to a millilitre of food while it rests; None where it is fed by the spoon, or rests in its own.
    densest_g_per_l: float | None
    sugar_g_per_l: float = 0
    # How long it may stay as it is, in days: in the fridge, and in one jar on the counter. None: no figure.
    fridge_days: int | None
    counter_days: float
    # How long it may be out of a jar and unfed, in reference hours.
    idle_hours: float | None = None


# Away from home, the most grains to a litre that are usual (A), so that few jars fill the fridge; and of sugar the
# most that is usual.
KEEPING: Mapping[str, Keeping] = {
    GrainKind.WATER_KEFIR: Keeping(
        food=_("sugar water with a pinch of minerals"),
        densest_g_per_l=150,
        sugar_g_per_l=100,
        fridge_days=21,  # M-L: refresh after three weeks
        counter_days=3,  # M-L: 72 reference hours in one sugar water
        idle_hours=72,
    ),
    GrainKind.MILK_KEFIR: Keeping(
        food=_("fresh milk"),
        densest_g_per_l=100,
        fridge_days=14,  # L: two weeks at most
        counter_days=2,  # L: over-fermented after 48 reference hours
        idle_hours=24,  # L
    ),
    GrainKind.KOMBUCHA: Keeping(
        food=_("its own sour tea"),
        densest_g_per_l=None,
        fridge_days=None,
        counter_days=21,  # M: 6 to 21 days is usual; longer it turns to vinegar, and lives
    ),
    GrainKind.GINGER_BEER: Keeping(
        food=_("a teaspoon of ginger and a teaspoon of sugar"),
        densest_g_per_l=None,
        fridge_days=7,  # M-L: fed weekly in the fridge
        counter_days=1,
        idle_hours=24,  # M-L: fed daily
    ),
    GrainKind.SOURDOUGH: Keeping(
        food=_("flour and water"),
        densest_g_per_l=None,
        fridge_days=7,  # M-L: fed weekly in the fridge
        counter_days=1,
        idle_hours=24,  # L
    ),
}
