"""One chunk in one worker's hands: looked at once more, sent at its very moment, noted."""

import logging
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from django.db import IntegrityError
from django.utils.translation import gettext_noop

from accounts.devices import retire_device, retire_email
from reminders import nags, queue, routes, tallies, webhooks
from reminders.channels import (
    CHANNELS,
    SET_UP_WRONGLY,
    Address,
    Channel,
    Failed,
    Later,
    Message,
    Outcome,
    channel,
)
from reminders.models import Reminder
from reminders.queue import Claimed, Earlier, Ending, Fact, Noted
from reminders.routes import EMAIL, Going
from work.patience import patiently

logger = logging.getLogger("kefir.reminders")

# A chunk is claimed so far ahead at most.
WINDOW = timedelta(seconds=2.5)
# A call to a channel may take as long; nobody else may claim its reminders meanwhile.
LONGEST_CALL = timedelta(seconds=45)
# What is claimed more often without an outcome goes alone, so that it takes no others with it; in the end not at all.
SUSPICIOUS, MOST_DEATHS = 3, 10
BROKEN = gettext_noop("Something went wrong within Kefir.")

Post = tuple[Going, Address]


class Clock(Protocol):
    def now(self) -> datetime: ...

    def sleep_until(self, at: datetime) -> None: ...


class Carrier:
    """Holds the lease of what is still to go."""

    def __init__(self, lease: datetime, ids: list[str], clock: Clock) -> None:
        self.lease, self.rest, self.clock = lease, ids, clock
        self.listened_to: set[str] = set()

    def carry_each_in_time(self, claimed: Sequence[Claimed]) -> None:
        """Those of one moment together, when it has come."""
        while claimed:
            now, first = self.clock.now(), claimed[0].alert_at
            if first - now > 2 * WINDOW:
                # The clocks have been moved. Whichever tick knows better claims them.
                patiently(lambda: queue.release(self.rest, self.lease))
                return
            if first > now:
                self.clock.sleep_until(first)
                continue
            ready = [one.id for one in claimed if one.alert_at <= now]
            self.carry(patiently(lambda: queue.facts(ready, self.lease)), now)  # noqa: B023 called at once
            claimed, self.rest = claimed[len(ready) :], self.rest[len(ready) :]

    def carry(self, found: Sequence[Fact], now: datetime) -> None:
        goings = self.to_go(found, now)
        for name in CHANNELS:
            post = [(going, one) for going in goings for one in going.to_send if one.channel == name]
            if post:
                self.send_all(name, post)

    # --- before -------------------------------------------------------------------------------------------------

    def to_go(self, found: Sequence[Fact], now: datetime) -> list[Going]:
        """What is still to go, by what the database says at the very moment."""
        known = self.known_of(found)
        self.listened_to.update(one.id for one in found if one.has_webhooks)
        goings: list[Going] = []
        endings: list[Ending] = []
        for rows in by_reminder(found):
            fact = rows[0]
            if ended := self.given_up(fact) or routes.set_aside(fact, now=now):
                endings.append(ended)
            else:
                goings.append(routes.going(rows, known[fact.id], now=now))
        goings, listed = nags.together(goings, now=now)
        endings += listed
        endings += [routes.ending(going, now=now) for going in goings if not going.to_send]
        if endings:
            self.settle([], endings, now=now)
        return [going for going in goings if going.to_send]

    def known_of(self, found: Sequence[Fact]) -> defaultdict[str, list[Earlier]]:
        """What was tried before; of most nothing was, and the database is not asked."""
        ids = {one.id for one in found if one.attempts or one.claims > 1 or one.sent_at}
        known: defaultdict[str, list[Earlier]] = defaultdict(list)
        for one in patiently(lambda: queue.earlier(list(ids))) if ids else ():
            known[one.reminder_id].append(one)
        return known

    def given_up(self, fact: Fact) -> Ending | None:
        """Whoever took it up so often without a word may have died of it."""
        if fact.claims <= SUSPICIOUS:
            return None
        if fact.claims > MOST_DEATHS and fact.attempts > MOST_DEATHS:
            return routes.unsent(
                fact, Reminder.Status.FAILED, error=gettext_noop("Every try ended in the middle.")
            )
        patiently(lambda: queue.count_try([fact.id], self.lease))
        return None

    # --- at the moment ------------------------------------------------------------------------------------------

    def send_all(self, name: str, post: Sequence[Post]) -> None:
        carries = channel(name)
        for part in routes.batched(post, carries.BATCH):
            self.keep_lease()
            now = self.clock.now()
            messages = [routes.message(going, address, now=now) for going, address in part]
            self.note(part, outcomes_of(carries, messages, now=now), sent_at=now)

    def keep_lease(self) -> None:
        now = self.clock.now()
        if self.lease - now < LONGEST_CALL:
            self.lease = patiently(lambda: queue.renew(self.rest, self.lease, now=now))

    # --- after --------------------------------------------------------------------------------------------------

    def note(self, post: Sequence[Post], outcomes: Sequence[Outcome], *, sent_at: datetime) -> None:
        # One for all, so that those that travelled together are tried together again.
        now, chance = self.clock.now(), random.random()  # noqa: S311
        noted: list[Noted] = []
        ended: list[Going] = []
        for (going, address), outcome in zip(post, outcomes, strict=True):
            noted.append(routes.noted(going, address, outcome, now=now, chance=chance))
            if going.heard(noted[-1]):
                ended.append(going)
        late = [(now - going.fact.alert_at).total_seconds() for going in ended if going.is_told]
        self.settle(noted, [routes.ending(going, now=now) for going in ended], late=late, now=now)
        for (going, address), outcome in zip(post, outcomes, strict=True):
            if isinstance(outcome, Failed) and outcome.retires:
                retire(going.fact, address, outcome.reason, sent_at=sent_at, now=now)

    def settle(
        self, noted: Sequence[Noted], endings: Sequence[Ending], *, late: Sequence[float] = (), now: datetime
    ) -> None:
        refused = (one.channel for one in noted if one.error.startswith(SET_UP_WRONGLY))
        added = tallies.of(((one.channel, one.status) for one in noted), late, refused)
        settle = partial(queue.settle, noted, endings, lease=self.lease, added=added, now=now)
        try:
            self.note_down(partial(settle, is_first=all(one.attempts == 1 for one in noted)), endings, now)
        except IntegrityError:
            # Somebody else carried it while we hung, after our lease.
            self.note_down(settle, endings, now)
        if noted and logger.isEnabledFor(logging.INFO):
            logger.info("Delivered", extra={"lines": [line(one) for one in noted]})

    def note_down(self, settle: Callable[[], None], endings: Sequence[Ending], now: datetime) -> None:
        if news := webhooks.of_interest(endings, self.listened_to) if self.listened_to else []:
            patiently(lambda: webhooks.settle_and_tell(settle, news, now=now))
        else:
            patiently(settle)


def line(one: Noted) -> str:
    """With keys and no addresses."""
    return f"Reminder {one.reminder_id}, round {one.round}, by {one.channel} to {one.address}: {one.status}"


def outcomes_of(carries: Channel, messages: Sequence[Message], *, now: datetime) -> list[Outcome]:
    """A mistake of ours with one message must not keep the others from going."""
    try:
        return carries.send(messages, now=now)
    except Exception:
        logger.exception("A channel broke with %d messages", len(messages))
    if len(messages) == 1:
        return [Later(BROKEN)]
    return [outcome for one in messages for outcome in outcomes_of(carries, [one], now=now)]


def retire(fact: Fact, address: Address, reason: str, *, sent_at: datetime, now: datetime) -> None:
    if address.channel == EMAIL:
        patiently(lambda: retire_email(user_id=fact.owner_id, reason=reason, now=now))
    else:
        device = {"device_pk": address.key, "address": address.to}
        patiently(lambda: retire_device(**device, reason=reason, sent_at=sent_at, now=now))


def by_reminder(found: Sequence[Fact]) -> list[list[Fact]]:
    rows: defaultdict[str, list[Fact]] = defaultdict(list)
    for one in found:
        rows[one.id].append(one)
    return list(rows.values())
