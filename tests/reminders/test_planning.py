from datetime import timedelta
from uuid import uuid4

import pytest

from batches.care import SOON, Suggestion
from batches.signals import What
from reminders.planning import Fate, Planned, verdicts
from tests.factories import NOON

TONIGHT, TOMORROW = NOON + timedelta(hours=8), NOON + timedelta(days=1)
AT_ONCE = NOON + SOON


def planned(**given):
    return Planned(**{"id": uuid4(), "kind": "taste", "due_at": TOMORROW, **given})


def suggested(**given):
    return Suggestion(
        **{"kind": "taste", "due_at": TOMORROW, "message": "Taste", "why": "", "priority": 1, **given}
    )


def fate_of(reminder, *suggestions, what):
    fates = [one.fate for one in verdicts([reminder], suggestions, what=what, now=NOON)]
    return fates[0] if fates else None


CASES = {
    "warmer: the plan's time moves": (planned(), [suggested(due_at=TONIGHT)], What.EDITED, Fate.RETIME),
    "a time of one's own stays": (
        planned(follows_plan=False),
        [suggested(due_at=TONIGHT)],
        What.EDITED,
        None,
    ),
    "the same time stays": (planned(), [suggested()], What.EDITED, None),
    "told already, it is not told anew": (
        planned(is_sent=True),
        [suggested(due_at=TONIGHT)],
        What.EDITED,
        None,
    ),
    "what is overdue is not put off": (
        planned(due_at=NOON + timedelta(minutes=1)),
        [suggested(due_at=AT_ONCE)],
        What.LOGGED,
        None,
    ),
    "what has become overdue comes at once": (
        planned(),
        [suggested(due_at=AT_ONCE)],
        What.LOGGED,
        Fate.RETIME,
    ),
    "no longer suggested, it ends": (planned(), [], What.LOGGED, Fate.CANCEL),
    "no longer suggested, a time of one's own stays": (planned(follows_plan=False), [], What.EDITED, None),
    "a time of one's own outlives what is written down": (planned(follows_plan=False), [], What.LOGGED, None),
    "a time of one's own outlives a correction": (planned(follows_plan=False), [], What.CORRECTED, None),
    "a time of one's own outlives what is struck out": (
        planned(follows_plan=False),
        [],
        What.WITHDRAWN,
        None,
    ),
    "moved past it, a time of one's own too": (planned(follows_plan=False), [], What.MOVED, Fate.CANCEL),
    "archived, a time of one's own too": (
        planned(follows_plan=False),
        [suggested()],
        What.ARCHIVED,
        Fate.CANCEL,
    ),
    "due this moment, an edit lets it go out": (planned(due_at=NOON), [], What.EDITED, None),
    "told, an edit leaves it to do": (planned(is_sent=True), [], What.EDITED, None),
    "moved past it": (planned(), [], What.MOVED, Fate.CANCEL),
    "moved past what was told: it is done": (planned(is_sent=True), [], What.MOVED, Fate.FINISH),
    "moved, and still asked for": (planned(), [suggested(due_at=TONIGHT)], What.MOVED, Fate.RETIME),
    "one's own survives a move": (planned(kind="custom"), [], What.MOVED, None),
    "one's own survives an edit": (planned(kind="custom"), [], What.EDITED, None),
    "archived": (planned(), [suggested()], What.ARCHIVED, Fate.CANCEL),
    "archived, one's own too": (planned(kind="custom"), [], What.ARCHIVED, Fate.CANCEL),
    "graver than it was, it waits no longer for the morning": (
        planned(due_at=NOON - timedelta(minutes=1)),
        [suggested(due_at=AT_ONCE, priority=0)],
        What.EDITED,
        Fate.RETIME,
    ),
    "restored": (planned(cancelled_with_batch=True), [suggested()], What.RESTORED, Fate.REVIVE),
    "restored late, and still asked for": (
        planned(cancelled_with_batch=True, due_at=NOON),
        [suggested(due_at=AT_ONCE)],
        What.RESTORED,
        Fate.REVIVE,
    ),
    "restored, and no longer asked for": (planned(cancelled_with_batch=True), [], What.RESTORED, None),
    "restored, a time of one's own comes back": (
        planned(cancelled_with_batch=True, follows_plan=False),
        [],
        What.RESTORED,
        Fate.REVIVE,
    ),
    "restored too late for a time of one's own": (
        planned(cancelled_with_batch=True, follows_plan=False, due_at=NOON),
        [suggested(due_at=AT_ONCE)],
        What.RESTORED,
        None,
    ),
    "restored mouldy, what bottles still want comes back": (
        planned(cancelled_with_batch=True, kind="chill_by"),
        [suggested(kind="mould"), suggested(kind="chill_by", due_at=TONIGHT)],
        What.RESTORED,
        Fate.REVIVE,
    ),
    "cancelled with its batch, it sleeps": (
        planned(cancelled_with_batch=True),
        [suggested()],
        What.EDITED,
        None,
    ),
}


@pytest.mark.parametrize(("reminder", "suggestions", "what", "fate"), CASES.values(), ids=CASES)
def test_fate(reminder, suggestions, what, fate):
    assert fate_of(reminder, *suggestions, what=what) == fate


@pytest.mark.parametrize(("follows_plan", "at"), [(True, TONIGHT), (False, None)])
def test_what_comes_back_takes_the_time_of_the_plan_unless_it_has_its_own(follows_plan, at):
    sleeping = planned(cancelled_with_batch=True, follows_plan=follows_plan)
    [verdict] = verdicts([sleeping], [suggested(due_at=TONIGHT)], what=What.RESTORED, now=NOON)
    assert (verdict.suggestion and verdict.suggestion.due_at) == at


@pytest.mark.parametrize("follows_plan", [True, False])
def test_what_it_asks_for_ends_it_whoever_chose_its_time(follows_plan):
    reminder = planned(follows_plan=follows_plan, due_at=TONIGHT)
    [verdict] = verdicts([reminder], [], what=What.LOGGED, now=NOON, settled={"taste"})
    assert verdict.fate == Fate.FINISH


@pytest.mark.parametrize("is_sent", [True, False])
def test_an_alarm_is_not_done_by_the_measurement_that_fails(is_sent):
    gate = NOON + timedelta(minutes=30)
    alarm = planned(kind="not_acid", priority=0, due_at=gate, is_sent=is_sent)
    failing = suggested(kind="not_acid", priority=0, due_at=gate)
    settled = {"check_ph", "not_acid"}
    assert list(verdicts([alarm], [failing], what=What.LOGGED, now=NOON, settled=settled)) == []
    [verdict] = verdicts([alarm], [], what=What.LOGGED, now=NOON, settled=settled)
    assert verdict.fate == Fate.FINISH
