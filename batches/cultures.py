"""The cultures, as data: one entry each, the open jar and the bottle; and the kinds of bottle.

Every number is a default that the keeper's own batches will outweigh, never "a study found".
The letter after a number's source is how far to trust it: H high, M medium, L low; L alone is our judgement.
Spreads (sigma, tau), fastest and stopping temperatures are ours throughout (L).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db.models import TextChoices

from batches.ferments import Check, Course, Ferment, Souring
from batches.kinds import Kind

DAY = 24.0
WEEK = 7 * DAY


class Culture(TextChoices):
    WATER_KEFIR = "water_kefir", "Water kefir"
    MILK_KEFIR = "milk_kefir", "Milk kefir"
    KOMBUCHA = "kombucha", "Kombucha"
    GINGER_BEER = "ginger_beer", "Ginger beer"
    TEPACHE = "tepache", "Tepache"
    VEGETABLES = "vegetables", "Vegetables"
    SOURDOUGH = "sourdough", "Sourdough"


def offered(only: Sequence[str], *, also: str = "") -> list[tuple[str, str]]:
    """What a house makes, in its order, as a form offers it; and what a batch is already."""
    known = dict(Culture.choices)
    chosen = [name for name in only if name in known] or list(known)
    return [(name, known[name]) for name in dict.fromkeys([*chosen, also]) if name in known]


class BottleKind(TextChoices):
    PET = "pet", "Plastic soda bottle"
    SWING_TOP = "swing_top", "Round swing-top, made for brewing"
    CROWN_CAP = "crown_cap", "Beer bottle with a crown cap"
    HEAVY_GLASS = "heavy_glass", "Heavy Belgian or wheat-beer glass"
    CHAMPAGNE = "champagne", "Champagne bottle, wired"
    JAR = "jar", "Jar, or thin or square glass"
    UNKNOWN = "unknown", "Not sure"


FIZZY = "Good fizz expected. Chill it for four hours before you open it, over the sink."
SKIN = "Look at the skin: dry, fuzzy or coloured means discard it all. Brown strings are fine."
BRINE = "Is everything below the brine? Push it under, and skim any flat white film."
LID = "Is the lid tight? Loosen it for a moment, over the sink."
BUG = "Feed the bug: a teaspoon of ginger, a teaspoon of sugar, and stir."
SIP = "Feel a plastic tester, or open one bottle over the sink: is it lively?"

# A sealed bottle of something fizzy; what differs is said at each culture. Spreads are the same for all (L).
BOTTLE = Course(
    hours=30,  # L, as all bottle times
    usual_hours=(12, 72),
    reference_c=22,
    best_c=(20, 24),
    warmest_c=28,
    q10=2.4,  # H: ethanol 2.37 (Laureys 2022)
    sigma=0.30,
    tau=0.45,
    early=SIP,
    early_kind=Kind.CARBONATION,
    ready=FIZZY,
)

WATER_KEFIR = Ferment(
    description="Sugar water soured by grains: light, tart and a little fizzy.",
    ready_when="It is less sweet, tart, with small bubbles, and the fruit floats.",
    hazards="Pink, black or fuzzy: discard the liquid. A smell of sulphur: the grains want minerals.",
    alcohol_yield=(0.15, 0.28, 0.45),  # L
    open=Course(
        hours=36,  # M: Brix 8-10 to 3-5 in 24-48 h at 20-28 °C, home recipes
        usual_hours=(24, 72),
        reference_c=22,
        coldest_c=17,
        best_c=(21, 25),
        fastest_c=30,  # M: rates still rise at 29 °C (Laureys 2022)
        q10=2.2,  # H for lactic acid 2.64, ethanol 2.37 (Laureys 2022); lower as kitchen readings are noisy
        sigma=0.24,
        tau=0.40,  # H that grains differ a lot (Laureys & De Vuyst 2017); the number is ours
        sugar_g_per_l=60,
        sugar_exponent=0.25,  # L
        grains_g_per_l=60,
        grains_exponent=-0.45,  # L; that more grains are faster: H (Laureys 2021)
        sugar_spent=0.45,  # M-L, from the same recipes
        souring=Souring(5.8, 3.65, 3.3),  # M: 5.8-6.5 to 3.5-4.5 in home recipes; the end is ours (L)
        fridge_days=21,
        ready="Probably ready: strain off the grains and bottle it.",
        checks=(
            Check(
                Kind.FIRST_LOOK,
                6,
                "Bubbles, fruit rising? Give it a swirl. Nothing to do if it is still quiet.",
                priority=2,
            ),
            Check(
                Kind.CHECK_PH,
                24,
                "Dip a pH strip: 4.6 or less by now means it is souring well.",
                priority=2,
                ph_above=4.6,
            ),
            Check(
                Kind.NOT_ACID,
                48,
                "Measure again. Still above pH 4.6: do not drink it; check sugar and minerals.",
                priority=0,
                ph_above=4.6,
                needs_reading=True,
            ),
            Check(
                Kind.GRAINS_STARVE,
                72,
                "Strain it now and give the grains fresh sugar water: they are running out of food.",
                stays=True,
            ),
        ),
        fridge_checks=(
            Check(
                Kind.FEED,
                3 * WEEK,
                "Move the grains to new sugar water with a pinch of minerals.",
                priority=2,
                by_clock=True,
                stays=True,
            ),
        ),
    ),
    bottled=replace(BOTTLE, coldest_c=17, sugar_g_per_l=15, fridge_days=14),
)

MILK_KEFIR = Ferment(
    description="Milk thickened by grains: sour, creamy, a little lively.",
    ready_when="Curd coats the jar and the first pockets of whey show.",
    hazards="Above pH 4.6 it is not safely sour: do not drink it. Fuzzy or coloured: discard.",
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
        early="Tilt the jar: does it set? Strain before the whey splits widely.",
        ready="Probably ready: strain off the grains and chill it.",
        checks=(
            Check(
                Kind.NOT_ACID,
                36,
                "Measure again. Above pH 4.6: do not drink it; still so tomorrow, start with fresh milk.",
                priority=0,
                ph_above=4.6,
                needs_reading=True,
            ),
            Check(Kind.STRAIN, 48, "It has gone far: strain it now, and use it for baking.", stays=True),
        ),
        fridge_checks=(
            Check(
                Kind.FEED,
                2 * WEEK,
                "The grains need fresh milk: two weeks of cold is enough.",
                priority=2,
                by_clock=True,
                stays=True,
            ),
        ),
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
        early="Taste it: mild still, or as sour as you like?",
        ready="Probably ripe: chill it, and open it slowly.",
        checks=(
            Check(
                Kind.FEED,
                24,
                "The grains you strained off need fresh milk, or the fridge for up to two weeks.",
                priority=2,
            ),
        ),
    ),
)

KOMBUCHA = Ferment(
    description="Sweet tea soured under its own skin.",
    ready_when="Sweet and tart are in balance and a new skin has formed; pH 2.8 to 3.4.",
    hazards="Dry, fuzzy or coloured spots on the skin: discard everything, the skin too.",
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
        too_acid_below=2.5,  # H (Nummer 2013)
        fridge_days=90,
        ready="Probably ready: keep some as starter, and bottle the rest.",
        checks=(
            Check(
                Kind.CHECK_PH,
                0.25,
                "Check the pH: above 4.6 it needs more starter, or distilled vinegar.",
                priority=0,
                by_clock=True,
                ph_above=4.6,
            ),
            Check(Kind.MOULD_LOOK, 3 * DAY, SKIN, by_clock=True, every=2 * DAY, until=5 * DAY, ph_above=3.5),
            Check(Kind.MOULD_LOOK, 8 * DAY, SKIN, by_clock=True, every=3 * DAY, ph_above=3.5),
            Check(
                Kind.NOT_ACID,
                WEEK,  # H: 4.2 within 7 days (Nummer 2013, BCCDC 2020)
                "Measure the pH: it should be 4.2 or less by day 7. If it is higher, discard the batch.",
                priority=0,
                by_clock=True,
                ph_above=4.2,
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
    description="A bug of ginger and sugar, then a hot and lively bottle.",
    ready_when="The bug foams within hours of being fed; the bottled beer makes a tester firm.",
    hazards="The bottles most likely to burst: all the sugar can turn to gas. Keep a plastic tester.",
    gas_g_per_l_h=0.30,  # L
    alcohol_yield=(0.15, 0.30, 0.51),  # L
    open=Course(
        hours=120,  # M
        usual_hours=(72, 168),
        reference_c=24,
        best_c=(22, 26),
        sugar_g_per_l=80,
        sugar_spent=0.05,  # L
        early="Does it foam within hours of being fed? Then it is ready to brew.",
        ready="The bug is probably strong enough: brew with it.",
        checks=(Check(Kind.FEED, 24, BUG, every=24),),
        fridge_checks=(Check(Kind.FEED, WEEK, BUG, every=WEEK, by_clock=True),),
    ),
    bottled=replace(
        BOTTLE,
        hours=48,  # L
        usual_hours=(24, 96),
        fridge_days=7,
        checks=(
            Check(
                Kind.SQUEEZE,
                12,
                "Squeeze the plastic tester: if it is hard, chill all the bottles now.",
                every=12,
            ),
        ),
    ),
)

TEPACHE = Ferment(
    description="Pineapple peel and brown sugar, foaming within days.",
    ready_when="It foams and is tart; pH 3.8 or less.",
    hazards="Turns to vinegar within days when warm. A flat white film is harmless; mould means discard.",
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
        ready="Probably ready: strain off the peel and chill or bottle it.",
        checks=(
            Check(Kind.STIR, 24, "Stir it and push the peel under.", every=24, priority=2),
            Check(Kind.STRAIN, 96, "Strain it now: it is turning to vinegar.", stays=True),
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
    description="Salted vegetables that sour under their own brine.",
    ready_when="Sour and translucent, the bubbling has stopped; pH 3.8 or less.",
    hazards="Must be below pH 4.6 by day 5. Skim a flat white film; fuzzy or coloured means discard.",
    by_ingredient=True,  # M: of eleven home ferments none taught about another vegetable
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
        sigma_untold=0.70,  # M: eleven home ferments with daily pH
        sugar_spent=0.60,  # L
        souring=Souring(6.3, 3.8, 3.2),  # M: eleven home ferments with daily strips
        fridge_days=270,
        ready="Probably ready: sour enough? Then chill it.",
        checks=(
            Check(Kind.SUBMERGE, 24, BRINE, by_clock=True, every=24, until=48),
            Check(Kind.SUBMERGE, 120, BRINE, by_clock=True, every=72),
            Check(Kind.BURP, 24, LID, by_clock=True, every=24, until=WEEK),
            Check(
                Kind.CHECK_PH,
                72,
                "Dip a pH strip: below 4.6 is expected about now.",
                priority=2,
                ph_above=4.6,
            ),
            Check(
                Kind.NOT_ACID,
                120,
                "Measure the pH: above 4.6, do not eat it; check the salt and the temperature.",
                priority=0,
                ph_above=4.6,
            ),
            Check(Kind.TASTE, WEEK, "Taste a piece with a clean fork: how sour is it?", by_clock=True),
        ),
    ),
)

SOURDOUGH = Ferment(
    description="Flour and water, kept alive by feeding.",
    ready_when="It has doubled, is domed, and a spoonful floats.",
    hazards="Pink or orange streaks, or mould: discard it.",
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
        early="Is it rising, with a dome on top?",
        early_kind=Kind.FIRST_LOOK,
        ready="At its peak: bake with it now, or chill it.",
        fridge_checks=(
            Check(
                Kind.FEED,
                WEEK,
                "Feed it: equal weights of starter, flour and water.",
                every=WEEK,
                by_clock=True,
                priority=2,
            ),
        ),
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
