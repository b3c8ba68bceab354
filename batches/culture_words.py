"""What is said of each culture: what it is, when it is ready, what is wrong, and what to do at each look at it.

The numbers stand in `cultures`. Words claim no more than those: a rule is called one, and a guess "probably".
"""

from django.utils.translation import gettext_lazy as _

from batches.ferments import Words

WATER_KEFIR = Words(
    description=_("Sugar water soured by grains: light, tart and a little fizzy."),
    ready_when=_("It is less sweet, tart, with small bubbles, and the fruit floats."),
    hazards=_("Pink, black or fuzzy: discard the liquid. A smell of sulphur: the grains want minerals."),
    not_mould=_("Foam, and grains or fruit that float. A flat whitish film is kahm yeast."),
    if_mould=_("Pour it away with its fruit, do not taste it, and wash the jar hot. Take new grains."),
)
MILK_KEFIR = Words(
    description=_("Milk thickened by grains: sour, creamy, a little lively."),
    ready_when=_("Curd coats the jar and the first pockets of whey show."),
    hazards=_("Above pH 4.6 it is not safely sour: do not drink it. Fuzzy or coloured: discard."),
    not_mould=_("Curd, clear whey below it, and grains that float."),
    if_mould=_("Pour it away, do not taste it, and wash the jar hot. New grains are the sure way."),
)
KOMBUCHA = Words(
    description=_("Sweet tea soured under its own skin."),
    ready_when=_("Sweet and tart are in balance and a new skin has formed; pH 2.8 to 3.4."),
    hazards=_("Dry, fuzzy or coloured spots on the skin: discard everything, the skin too."),
    not_mould=_("Brown strings and lumps are yeast. A new skin is smooth, wet and pale."),
    if_mould=_("Discard everything, the skin and the starter too. Do not taste it; wash the jar hot."),
)
GINGER_BEER = Words(
    description=_("A bug of ginger and sugar, then a hot and lively bottle."),
    ready_when=_("The bug foams within hours of being fed; the bottled beer makes a tester firm."),
    hazards=_("The bottles most likely to burst: all the sugar can turn to gas. Keep a plastic tester."),
    not_mould=_("Foam, ginger that floats, and pale dregs."),
    if_mould=_("Discard it all, the bug too. Do not taste it; wash the jar hot, and begin a new bug."),
)
TEPACHE = Words(
    description=_("Pineapple peel and brown sugar, foaming within days."),
    ready_when=_("It foams and is tart; pH 3.8 or less."),
    hazards=_(
        "Turns to vinegar within days when warm. A flat white film is common, and no mould; mould means discard."
    ),
    not_mould=_("Foam, and peel that floats. A flat white film is kahm yeast, and common."),
    if_mould=_("Discard it with the peel. Do not taste it, and wash the jar hot."),
)
VEGETABLES = Words(
    description=_("Salted vegetables that sour under their own brine."),
    ready_when=_("Sour and translucent, the bubbling has stopped; pH 3.8 or less."),
    hazards=_("Must be below pH 4.6 by day 5. Skim a flat white film; fuzzy or coloured means discard."),
    not_mould=_("A flat white film is kahm yeast: skim it. A brine that turns cloudy."),
    if_mould=_("Fuzzy or coloured: discard the whole jar. Do not taste it, and wash the jar hot."),
)
SOURDOUGH = Words(
    description=_("Flour and water, kept alive by feeding."),
    ready_when=_("It has doubled, is domed, and a spoonful floats."),
    hazards=_("Pink or orange streaks, or mould: discard it."),
    not_mould=_("A grey or dark liquid on top: it is hungry, feed it."),
    if_mould=_("Pink or orange streaks, or mould: discard all of it, and begin a new starter."),
)

# What mould is, for all of them alike.
MOULD_IS = _("Dry and fuzzy, a spot or a fur on the surface: white, green, blue, black, pink or orange.")
WHEN_UNSURE = _("Not sure? Then take it for mould. Never taste to find out.")

SIP = _("Feel a plastic tester, or open one bottle over the sink: is it lively?")
FIZZY = _("Good fizz expected. Chill it for four hours before you open it, over the sink.")
TASTE_IT = _("Taste it: still sweet, or pleasantly tart?")

LOOK_FOR_BUBBLES = _("Bubbles, fruit rising? Give it a swirl. Nothing to do if it is still quiet.")
SOURING_WELL = _("Dip a pH strip: 4.6 or less by now means it is souring well.")
STILL_SWEET = _("Measure again. Still above pH 4.6: do not drink it; check sugar and minerals.")
STARVING = _("Strain it now and give the grains fresh sugar water: they are running out of food.")
REFRESH = _("Move the grains to new sugar water with a pinch of minerals.")
STRAIN_AND_BOTTLE = _("Probably ready: strain off the grains and bottle it.")

DOES_IT_SET = _("Tilt the jar: does it set? Strain before the whey splits widely.")
STRAIN_AND_CHILL = _("Probably ready: strain off the grains and chill it.")
NOT_SAFELY_SOUR = _("Measure again. Above pH 4.6: do not drink it; still so half a day later, discard it.")
NEVER_SOUR = _("Not sour enough: discard it, and start with fresh milk.")
FOR_BAKING = _("It has gone far: strain it now, and use it for baking.")
FRESH_MILK = _("The grains need fresh milk: two weeks of cold is enough.")
MILD_STILL = _("Taste it: mild still, or as sour as you like?")
RIPE = _("Probably ripe: chill it, and open it slowly.")
FRESH_MILK_OR_FRIDGE = _("The grains you strained off need fresh milk, or the fridge for up to two weeks.")

KEEP_SOME = _("Probably ready: keep some as starter, and bottle the rest.")
SOUR_FROM_THE_START = _("Check the pH: above 4.6 it needs more starter, or distilled vinegar.")
SKIN = _("Look at the skin: dry, fuzzy or coloured means discard it all. Brown strings are fine.")
SOUR_BY_DAY_SEVEN = _(
    "Measure the pH: it should be 4.2 or less by day 7. If it is higher, discard the batch."
)
NOT_SOUR_BY_DAY_SEVEN = _("pH %(ph)s after day 7: discard the batch.")

BUG = _("Feed the bug: a teaspoon of ginger, a teaspoon of sugar, and stir.")
DOES_IT_FOAM = _("Does it foam within hours of being fed? Then it is ready to brew.")
STRONG_ENOUGH = _("The bug is probably strong enough: brew with it.")
SQUEEZE = _("Squeeze the plastic tester: if it is hard, chill all the bottles now.")

STIR = _("Stir it and push the peel under.")
STRAIN_THE_PEEL = _("Probably ready: strain off the peel and chill or bottle it.")
VINEGAR = _("Strain it now: it is turning to vinegar.")

BRINE = _("Is everything below the brine? Push it under, and skim any flat white film.")
LID = _("Is the lid tight? Loosen it for a moment, over the sink.")
SOURING_BY_NOW = _("Dip a pH strip: below 4.6 is expected about now.")
SOUR_BY_DAY_FIVE = _(
    "Measure the pH: unless it is below 4.6, do not eat it; check the salt and the temperature."
)
NOT_SOUR_BY_DAY_FIVE = _(
    "pH %(ph)s is not sour enough by now: do not eat it; check the salt and the temperature."
)
A_PIECE = _("Taste a piece with a clean fork: how sour is it?")
SOUR_ENOUGH = _("Probably ready: sour enough? Then chill it.")

RISING = _("Is it rising, with a dome on top?")
AT_ITS_PEAK = _("At its peak: bake with it now, or chill it.")
EQUAL_WEIGHTS = _("Feed it: equal weights of starter, flour and water.")
