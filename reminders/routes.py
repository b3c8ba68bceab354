"""Which way a reminder goes: to which addresses, in what words, and what their answers mean for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar, assert_never

from django.utils.translation import gettext_noop

from accounts import demos
from accounts.models import EmailWhen
from reminders import links, unsubscribe
from reminders.channels import NO_KEYS, OF_PLATFORM, Address, Failed, Later, Message, Outcome, Sent, Unknown
from reminders.models import Delivery, Reminder
from reminders.queue import Earlier, Ending, Fact, Noted
from reminders.timing import USE, Person, held_until, nag_at, next_try

EMAIL = "email"
# An address that is asked to wait until then may be tried with the others.
SAME_TRY = timedelta(seconds=1)
# What may have arrived is sent again all the same, with the same identity: more often a service that says nothing
# has taken nothing. After so many tries, the next is the last.
TRIES_IN_DOUBT = 3
# Somebody who leaves is told nothing; one who stays after all hears what was due meanwhile.
PERHAPS_THEY_STAY = timedelta(minutes=10)
NO_WAY = gettext_noop(
    "There is no device to send it to, and no e-mail either. Your settings say what is wrong."
)

# As plain text: to ask an enum for its value, twice for every message, costs more than signing its link.
SENT, RETRY, FAILED, UNKNOWN = (one.value for one in Delivery.Status)
TOLD = (SENT, UNKNOWN)

Where = tuple[str, str]
Known = dict[Where, Earlier | Noted]
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Going:
    """One reminder on its way: where it is still to be sent, and what is known of this round by now."""

    fact: Fact
    round: int
    to_send: list[Address]
    known: Known = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    unheard: int = 0
    is_told: bool = False
    was_told: bool = False
    is_taken: bool = False

    def __post_init__(self) -> None:
        self.was_told = self.is_told = any(one.status in TOLD for one in self.known.values())
        self.is_taken = any(one.status == SENT for one in self.known.values())
        self.turn_to(self.to_send or self.fallback())

    def turn_to(self, addresses: list[Address]) -> None:
        self.to_send, self.unheard = addresses, len(addresses)

    def heard(self, row: Noted) -> bool:
        """An answer; say whether it was the last one."""
        self.known[row.channel, row.address] = row
        self.is_told = self.is_told or row.status in TOLD
        self.is_taken = self.is_taken or row.status == SENT
        self.unheard -= 1
        if self.unheard == 0:
            self.turn_to(self.fallback())
        return self.unheard == 0

    @property
    def next_try_at(self) -> datetime | None:
        tries = [one.next_try_at for one in self.known.values() if one.next_try_at and one.status == RETRY]
        return min(tries) if tries else None

    def fallback(self) -> list[Address]:
        """Mail, when no push is known to have been taken, none is tried again, and mail was not tried yet."""
        if self.is_taken or self.next_try_at or (EMAIL, EMAIL) in self.known:
            return []
        email = email_of(self.fact)
        return [email] if email and self.fact.email_when == EmailWhen.NEEDED else []


def going(rows: Sequence[Fact], earlier: Sequence[Earlier], *, now: datetime) -> Going:
    """The facts of one reminder, and what was tried before: where it goes now, and in which round.

    Told already, it comes again for an address that still waits, or else as a nag: another round.
    """
    fact, addresses = rows[0], addresses_of(rows)
    if fact.status == Reminder.Status.WAITING and not earlier:
        return Going(fact, fact.round, addresses)
    tried = {(one.channel, one.address): one for one in earlier if one.round == fact.round}
    if (EMAIL, EMAIL) in tried and (email := email_of(fact)) and email not in addresses:
        addresses.append(email)
    there = {where(one) for one in addresses}
    known: Known = {at: one for at, one in tried.items() if at in there or one.status != RETRY}
    if fact.status == Reminder.Status.WAITING:
        return Going(
            fact, fact.round, [one for one in addresses if is_open(known.get(where(one)), now)], known
        )
    left = [one for one in addresses if where(one) in known and is_open(known[where(one)], now)]
    if left or not is_nag_due(fact, now):
        return Going(fact, fact.round, left, known)
    return Going(fact, fact.round + 1, addresses)


def is_nag_due(fact: Fact, now: datetime) -> bool:
    nag = nag_at(told_at=fact.sent_at or now, every=fact.nag_every, round=fact.round)
    return nag is not None and nag <= now + SAME_TRY


def person_of(fact: Fact) -> Person:
    return Person(fact.zone, fact.quiet_from, fact.quiet_until, fact.paused_until)


def addresses_of(facts: Sequence[Fact]) -> list[Address]:
    """Where the owner wants to hear of it: every live device; mail by choice, or when there is no device."""
    fact = facts[0]
    found = [
        Address(OF_PLATFORM[one.platform], str(one.device), one.address or "", one.keys or NO_KEYS)
        for one in facts
        if one.platform in OF_PLATFORM
    ]
    if fact.email_when == EmailWhen.ALWAYS or (fact.email_when == EmailWhen.NEEDED and not found):
        found += filter(None, [email_of(fact)])
    return found


def email_of(fact: Fact) -> Address | None:
    if fact.email_failed or not fact.email or fact.email_when == EmailWhen.NEVER:
        return None
    return Address(EMAIL, EMAIL, fact.email)


def is_open(before: Earlier | Noted | None, now: datetime) -> bool:
    if before is None:
        return True
    return before.status == RETRY and (before.next_try_at or now) <= now + SAME_TRY


def message(going: Going, address: Address, *, now: datetime) -> Message:
    fact = going.fact
    before = going.known.get(where(address))
    return Message(
        identity=f"{fact.id}-{going.round}",
        reminder_id=fact.id,
        round=going.round,
        address=address,
        title=fact.name,
        body=fact.message,
        batch_id=fact.batch_id,
        grains_id=fact.grains_id,
        link=links.link_for(fact.id, going.round),
        due_at=fact.due_at,
        expires_at=max(fact.wanted_at, now) + USE,
        zone=fact.zone,
        priority=fact.priority,
        unsubscribe_link=unsubscribe.link_for(fact.owner_id) if address.channel == EMAIL else "",
        lines=going.lines,
        why=fact.why,
        language=fact.language,
        uncertain=before is not None and before.uncertain and before.attempts >= TRIES_IN_DOUBT,
    )


def noted(going: Going, address: Address, outcome: Outcome, *, now: datetime, chance: float) -> Noted:
    """What is to be written down of one answer."""
    before = going.known.get(where(address))
    status, at, error, ticket, uncertain = SENT, None, "", "", False
    match outcome:
        case Sent():
            ticket = outcome.ticket[:100]
        case Later():
            at = again(going.fact, before, outcome.after, now=now, chance=chance)
            status = RETRY if at else FAILED
            error = outcome.reason
            # Once nobody knew, a later "not this time" tells nothing of the time before.
            uncertain = outcome.uncertain or (before is not None and before.uncertain)
        case Failed():
            status, error = FAILED, outcome.reason
        case Unknown():
            status, error = UNKNOWN, outcome.reason
        case _:
            assert_never(outcome)
    return Noted(
        reminder_id=going.fact.id,
        round=going.round,
        channel=address.channel,
        address=address.key,
        status=status,
        attempts=min(before.attempts + 1 if before else 1, 1000),
        next_try_at=at,
        uncertain=uncertain,
        error=error[:300],
        ticket=ticket,
    )


def again(
    fact: Fact, before: Earlier | Noted | None, asked: timedelta | None, *, now: datetime, chance: float
) -> datetime | None:
    return next_try(
        attempts=before.attempts + 1 if before else 1,
        asked=asked,
        wanted_at=fact.wanted_at,
        tried_since=before.created_at if isinstance(before, Earlier) else now,
        now=now,
        chance=chance,
    )


def ending(going: Going, *, now: datetime) -> Ending:
    """What the answers of all addresses mean for the reminder."""
    fact, again_at = going.fact, going.next_try_at
    if not going.is_told and fact.status == Reminder.Status.WAITING:
        status = Reminder.Status.WAITING if again_at else Reminder.Status.FAILED
        return _ending(going, status, held_until=again_at)
    told_before = fact.sent_at if going.was_told else None
    nag = nag_at(told_at=told_before or now, every=fact.nag_every, round=going.round)
    again_at = min(again_at, nag) if again_at and nag else again_at or nag
    return _ending(going, Reminder.Status.SENT, is_told=going.is_told and not told_before, again_at=again_at)


def _ending(
    going: Going,
    status: Reminder.Status,
    *,
    is_told: bool = False,
    held_until: datetime | None = None,
    again_at: datetime | None = None,
) -> Ending:
    return Ending(
        reminder_id=going.fact.id,
        status=str(status),
        round=going.round,
        attempts=min(going.fact.attempts + 1, 1000),
        is_told=is_told,
        held_until=held_until,
        again_at=again_at,
        error="" if status == SENT else why(going),
    )


def why(going: Going) -> str:
    return next((one.error for one in going.known.values() if one.error), NO_WAY)


def set_aside(fact: Fact, *, now: datetime) -> Ending | None:
    """Why it does not go now, if so: its batch was put away, its owner is gone or wants to be left in peace."""
    if fact.is_archived or not fact.is_active:
        return unsent(fact, Reminder.Status.CANCELLED)
    if fact.alert_at > now:
        return put_off(fact, fact.alert_at)
    if demos.is_nobodys(fact.email):
        return shown_alone(fact)
    if fact.is_leaving:
        return put_off(fact, now + PERHAPS_THEY_STAY)
    if held := held_until(person_of(fact), at=now, priority=fact.priority):
        return put_off(fact, held)
    return None


def shown_alone(fact: Fact) -> Ending:
    """In a trial it stands on the page, and that is where it is told."""
    return unsent(fact, Reminder.Status.SENT, is_told=fact.status == Reminder.Status.WAITING)


def put_off(fact: Fact, until: datetime) -> Ending:
    """Told already or not: it goes then."""
    if fact.status == Reminder.Status.SENT:
        return unsent(fact, Reminder.Status.SENT, again_at=until)
    return unsent(fact, Reminder.Status.WAITING, held_until=until)


def unsent(
    fact: Fact,
    status: Reminder.Status,
    *,
    is_told: bool = False,
    held_until: datetime | None = None,
    again_at: datetime | None = None,
    error: str = "",
) -> Ending:
    return Ending(
        reminder_id=fact.id,
        status=status.value,
        round=fact.round,
        attempts=fact.attempts,
        is_told=is_told,
        held_until=held_until,
        again_at=again_at,
        error=error,
    )


def where(address: Address) -> Where:
    return address.channel, address.key


def batched(post: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (post[start : start + size] for start in range(0, len(post), size))
