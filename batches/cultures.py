"""The cultures, as data: one entry each, the open jar and the bottle; and the kinds of bottle.

Every number is a default that the keeper's own batches will outweigh, never "a study found".
The letter after a number's source is how far to trust it: H high, M medium, L low. L alone is our judgement, and so
is every number without a mark: spreads (sigma, tau), coldest, best, fastest and stopping temperatures, usual hours,
days in the fridge and the hours of most checks. "Second hand" is quoted by others from a table that was not read, and
"recalled" is known from a source that was not read again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from batches import culture_words as words
from batches.ferments import Check, Course, Ferment, Souring
from batches.kinds import Kind

DAY = 24.0
WEEK = 7 * DAY


class Culture(TextChoices):
    WATER_KEFIR = "water_kefir", _("Water kefir")
    MILK_KEFIR = "milk_kefir", _("Milk kefir")
    KOMBUCHA = "kombucha", _("Kombucha")
    GINGER_BEER = "ginger_beer", _("Ginger beer")
    TEPACHE = "tepache", _("Tepache")
    VEGETABLES = "vegetables", _("Vegetables")
    SOURDOUGH = "sourdough", _("Sourdough")


def offered(only: Sequence[str], *, also: str = "") -> list[tuple[str, str | Promise]]:
    """What a house makes, in its order, as a form offers it; and what a batch is already."""
    known = dict(Culture.choices)
    chosen = [name for name in only if name in known] or list(known)
    return [(name, known[name]) for name in dict.fromkeys([*chosen, also]) if name in known]


class BottleKind(TextChoices):
    PET = "pet", _("Plastic soda bottle")
    SWING_TOP = "swing_top", _("Round swing-top, made for brewing")
    CROWN_CAP = "crown_cap", _("Beer bottle with a crown cap")
    HEAVY_GLASS = "heavy_glass", _("Heavy Belgian or wheat-beer glass")
    CHAMPAGNE = "champagne", _("Champagne bottle, wired")
    JAR = "jar", _("Jar, or thin or square glass")
    UNKNOWN = "unknown", _("Not sure")


# A sealed bottle of something fizzy; what differs is said at each culture. Spreads are the same for all (L).
BOTTLE = Course(
    hours=30,  # L, as all bottle times
    usual_hours=(12, 72),
    reference_c=22,
    best_c=(20, 24),
    warmest_c=28,
    q10=2.4,  # H, second hand: ethanol 2.37 (Laureys 2022)
    sigma=0.30,
    tau=0.45,
    early=words.SIP,
    early_kind=Kind.CARBONATION,
    ready=words.FIZZY,
)

WATER_KEFIR = Ferment(
    words=words.WATER_KEFIR,
    alcohol_yield=(0.15, 0.28, 0.45),  # L
    open=Course(
        hours=36,  # M: Brix 8-10 to 3-5 in 24-48 h at 20-28 °C, home recipes
        usual_hours=(24, 72),
        reference_c=22,
        coldest_c=17,
        best_c=(21, 25),
        fastest_c=30,  # M, second hand: rates still rise at 29 °C (Laureys 2022)
        # H, second hand: lactic acid 2.64, ethanol 2.37 (Laureys 2022); lower as kitchen readings are noisy (L).
        q10=2.2,
        sigma=0.24,
        tau=0.40,  # H that grains differ a lot (Laureys & De Vuyst 2017); the number is ours
        sugar_g_per_l=60,
        sugar_exponent=0.25,  # L
        grains_g_per_l=60,
        grains_exponent=-0.45,  # L; that more grains are faster: H (Laureys 2021)
        sugar_spent=0.45,  # M-L, from the same recipes
        souring=Souring(5.8, 3.65, 3.3),  # M: 5.8-6.5 to 3.5-4.5 in home recipes; the end is ours (L)
        refresh_every=10,  # L
        fridge_days=21,
        early=words.TASTE_IT,
        ready=words.STRAIN_AND_BOTTLE,
        checks=(
            Check(Kind.FIRST_LOOK, 6, words.LOOK_FOR_BUBBLES, priority=2),
            Check(Kind.CHECK_PH, 24, words.SOURING_WELL, priority=2, ph_above=4.6),
            # H, recalled, that 4.6 is the line; L for the hour, as for milk kefir.
            Check(Kind.NOT_ACID, 48, words.STILL_SWEET, priority=0, ph_above=4.6, needs_reading=True),
            Check(Kind.GRAINS_STARVE, 72, words.STARVING, stays=True),  # L
        ),
        fridge_checks=(Check(Kind.FEED, 3 * WEEK, words.REFRESH, priority=2, by_clock=True, stays=True),),
    ),
    bottled=replace(BOTTLE, coldest_c=17, sugar_g_per_l=15, fridge_days=14),
)

MILK_KEFIR = Ferment(
    words=words.MILK_KEFIR,
    own_sugar_g_per_l=48,  # lactose
    gas_g_per_l_h=0.12,  # L
    alcohol_yield=(0.05, 0.20, 0.51),  # L
    open=Course(
        hours=24,  # H: about 24 h at 22 °C in several sources
        usual_hours=(16, 48),
        reference_c=22,
        coldest_c=15,
        best_c=(20, 25),
        q10=2.4,  # H: ethanol, Ea 64.3 kJ/mol (Gorsek & Zajsek 2010)
        sigma=0.18,
        tau=0.30,
        grains_g_per_l=40,
        grains_exponent=-0.30,  # M: pH after 24 h with 3 % and 10 % grains, two laboratories
        sugar_spent=0.20,  # L
        souring=Souring(6.6, 4.5, 3.9),  # H: 6.61 to 4.26 in 24 h (Int J Microbiol 2020); the end is ours (L)
        fridge_days=21,
        early=words.DOES_IT_SET,
        ready=words.STRAIN_AND_CHILL,
        checks=(
            Check(
                Kind.NOT_ACID,
                36,  # L, and so is 48; that 4.6 is the line: H, recalled (cultured dairy, FDA)
                words.NOT_SAFELY_SOUR,
                priority=0,
                ph_above=4.6,
                needs_reading=True,
                failing=words.NEVER_SOUR,
                failing_after=48,
            ),
            Check(Kind.STRAIN, 48, words.FOR_BAKING, stays=True),  # L
        ),
        fridge_checks=(Check(Kind.FEED, 2 * WEEK, words.FRESH_MILK, priority=2, by_clock=True, stays=True),),
    ),
    bottled=Course(
        hours=12,  # L: ripening without grains
        usual_hours=(6, 24),
        reference_c=20,
        coldest_c=4,
        best_c=(18, 22),
        warmest_c=25,
        sigma=0.30,
        tau=0.45,
        fridge_days=14,
        early=words.MILD_STILL,
        ready=words.RIPE,
        checks=(Check(Kind.FEED, 24, words.FRESH_MILK_OR_FRIDGE, priority=2, of_strained_grains=True),),
    ),
)

KOMBUCHA = Ferment(
    words=words.KOMBUCHA,
    gas_g_per_l_h=0.10,  # L
    alcohol_yield=(0.05, 0.12, 0.25),  # L
    open=Course(
        hours=216,  # M: 10 days at 25 °C liked best (Neffe-Skocinska 2017)
        usual_hours=(144, 504),
        reference_c=24,
        best_c=(24, 26),
        stops_c=36,
        q10=2.2,  # L
        sigma=0.25,
        tau=0.40,
        sugar_g_per_l=70,
        sugar_exponent=0.15,  # L
        grains_g_per_l=100,  # starter liquid
        grains_exponent=-0.35,  # L
        sugar_spent=0.30,  # M-L
        souring=Souring(3.9, 3.1, 2.6),  # M: 3.75 to 2.42 (Sievers 1995); ready where people like it (L)
        too_acid_below=2.5,  # H, recalled (Nummer 2013)
        taste_every=DAY,  # L
        fridge_days=90,
        early=words.TASTE_IT,
        ready=words.KEEP_SOME,
        checks=(
            # H, recalled (BCCDC 2020).
            Check(Kind.CHECK_PH, 0.25, words.SOUR_FROM_THE_START, priority=0, by_clock=True, ph_above=4.6),
            Check(
                Kind.MOULD_LOOK,
                3 * DAY,
                words.SKIN,
                by_clock=True,
                every=2 * DAY,
                until=5 * DAY,
                ph_above=3.5,
            ),
            Check(Kind.MOULD_LOOK, 8 * DAY, words.SKIN, by_clock=True, every=3 * DAY, ph_above=3.5),
            Check(
                Kind.NOT_ACID,
                WEEK,  # H, recalled: 4.2 within 7 days (Nummer 2013, BCCDC 2020)
                words.SOUR_BY_DAY_SEVEN,
                priority=0,
                by_clock=True,
                ph_above=4.2,
                failing=words.NOT_SOUR_BY_DAY_SEVEN,
            ),
        ),
    ),
    bottled=replace(
        BOTTLE,
        hours=72,  # L
        usual_hours=(48, 168),
        reference_c=24,
        best_c=(22, 25),
        stops_c=36,
        sugar_g_per_l=12,
        fridge_days=60,
    ),
)

# The open jar is the bug that starts it; its own sugar is eaten daily, so nearly all that is
# weighed for the beer is still there when the bottle is sealed.
GINGER_BEER = Ferment(
    words=words.GINGER_BEER,
    gas_g_per_l_h=0.30,  # L
    alcohol_yield=(0.15, 0.30, 0.51),  # L
    open=Course(
        hours=120,  # M
        usual_hours=(72, 168),
        reference_c=24,
        best_c=(22, 26),
        sugar_g_per_l=80,
        sugar_spent=0.05,  # L
        early=words.DOES_IT_FOAM,
        ready=words.STRONG_ENOUGH,
        checks=(Check(Kind.FEED, 24, words.BUG, every=24),),
        fridge_checks=(Check(Kind.FEED, WEEK, words.BUG, every=WEEK, by_clock=True),),
    ),
    bottled=replace(
        BOTTLE,
        hours=48,  # L
        usual_hours=(24, 96),
        fridge_days=7,
        checks=(Check(Kind.SQUEEZE, 12, words.SQUEEZE, every=12),),
    ),
)

TEPACHE = Ferment(
    words=words.TEPACHE,
    gas_g_per_l_h=0.25,  # L
    alcohol_yield=(0.15, 0.30, 0.45),  # L
    open=Course(
        hours=60,  # H for 72 h at 22 °C with 10 % sugar (Corona-Gonzalez 2013)
        usual_hours=(36, 120),
        reference_c=24,
        best_c=(22, 26),
        sugar_g_per_l=100,
        sugar_spent=0.25,  # M-L
        fridge_days=7,
        early=words.TASTE_IT,
        ready=words.STRAIN_THE_PEEL,
        checks=(
            Check(Kind.STIR, 24, words.STIR, every=24, priority=2),
            Check(Kind.STRAIN, 96, words.VINEGAR, stays=True),
        ),
    ),
    bottled=replace(
        BOTTLE,
        hours=24,  # L: no table of its own, between water kefir and ginger beer, and quick
        usual_hours=(12, 72),
        fridge_days=7,
    ),
)

VEGETABLES = Ferment(
    words=words.VEGETABLES,
    by_ingredient=True,  # M: of ten home ferments none taught about another vegetable
    own_sugar_g_per_l=25,  # L
    gas_g_per_l_h=0.10,  # L
    open=Course(
        hours=504,  # M: sauerkraut, 20 days at 18 °C
        usual_hours=(168, 1008),
        reference_c=20,
        coldest_c=15,
        best_c=(18, 22),
        warmest_c=24,
        fastest_c=26,
        q10=2.2,  # M: kimchi between 10 and 20 °C, 2.3 (Kim 2020)
        sigma_untold=0.70,  # M: ten home ferments with daily pH
        sugar_spent=0.60,  # L
        souring=Souring(6.3, 3.8, 3.2),  # M: ten home ferments with daily strips
        fridge_days=270,
        early=words.TASTE_IT,
        ready=words.SOUR_ENOUGH,
        checks=(
            Check(Kind.SUBMERGE, 24, words.BRINE, by_clock=True, every=24, until=48),
            Check(Kind.SUBMERGE, 120, words.BRINE, by_clock=True, every=72),
            Check(Kind.BURP, 24, words.LID, by_clock=True, every=24, until=WEEK),
            Check(Kind.CHECK_PH, 72, words.SOURING_BY_NOW, priority=2, ph_above=4.6, strictly=True),
            Check(
                Kind.NOT_ACID,
                120,  # M: below 4.6 by day 3 to 5, ten home ferments with daily strips
                words.SOUR_BY_DAY_FIVE,
                priority=0,
                ph_above=4.6,
                strictly=True,
                failing=words.NOT_SOUR_BY_DAY_FIVE,
            ),
            Check(Kind.TASTE, WEEK, words.A_PIECE, by_clock=True),
        ),
    ),
)

SOURDOUGH = Ferment(
    words=words.SOURDOUGH,
    gas_g_per_l_h=0.30,  # L: nobody should seal it
    own_sugar_g_per_l=30,  # L
    open=Course(
        hours=6,  # M: 1:1:1; larger feeds take longer, but sources disagree by how much, so early is safe
        usual_hours=(4, 12),
        reference_c=24,
        best_c=(24, 28),
        warmest_c=32,
        fastest_c=32,
        stops_c=40,
        q10=2.3,  # M: 1:4:4 peaks after 8 h at 20 °C, 5-6 h at 24-25 °C
        sigma=0.20,
        tau=0.30,
        early=words.RISING,
        early_kind=Kind.FIRST_LOOK,
        ready=words.AT_ITS_PEAK,
        fridge_checks=(Check(Kind.FEED, WEEK, words.EQUAL_WEIGHTS, every=WEEK, by_clock=True, priority=2),),
    ),
)

FERMENTS: Mapping[str, Ferment] = {
    Culture.WATER_KEFIR: WATER_KEFIR,
    Culture.MILK_KEFIR: MILK_KEFIR,
    Culture.KOMBUCHA: KOMBUCHA,
    Culture.GINGER_BEER: GINGER_BEER,
    Culture.TEPACHE: TEPACHE,
    Culture.VEGETABLES: VEGETABLES,
    Culture.SOURDOUGH: SOURDOUGH,
}


def ferment(culture: str) -> Ferment:
    """What is known of a culture; one that an installation no longer keeps counts as water kefir."""
    return FERMENTS.get(culture, WATER_KEFIR)
