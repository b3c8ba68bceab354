"""What is said of a batch, and what came of it: foretold anew, written down where it differs, learned from."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Prefetch

from accounts.models import User
from batches import actions, readiness
from batches.endings import Departure, Ended, ended_stages
from batches.facts import Ending
from batches.models import Batch, bring_history
from batches.past import TAUGHT, Forecast, PastStage
from batches.pressure import Outlook, outlook
from batches.scores import Judged
from batches.signals import What
from batches.stages import Place, Stage, Status
from work import actions as work

AT_ONCE = 200
NOTICED = timedelta(minutes=15)  # nobody sees less of a difference
KEPT_FOR = timedelta(days=730)
FORGOTTEN_AT_ONCE = 5_000
AGAIN = "forecasts"
FOLLOW = "reminders_follow"  # done by reminders, which are the upper app's
LEARN, TELL = "learn", "tell"
QUANTILES = ("earliest_at", "early_at", "median_at", "late_at", "latest_at")


@transaction.atomic
def foretell(*, batch_id: str, now: datetime) -> None:
    """One batch anew, after it changed: what it teaches others, what is said of it, and the reminders that follow.

    When another stage of it is over, or no longer, its keeper's other batches of the culture are foretold anew too;
    when its culture was put right, those of both.
    """
    batch = _with_all(Batch.objects.filter(pk=batch_id).select_for_update(of=("self",))).first()
    if batch is None:
        return
    if cultures := learn([batch]):
        # Those that ferment first, should they be too many.
        others = Batch.objects.of(batch.owner).at_work().filter(culture__in=cultures).order_by("status", "pk")
        for other in others.exclude(pk=batch.pk).values_list("pk", flat=True)[:AT_ONCE]:
            work.enqueue(kind=actions.FORECAST, key=other, now=now, owner=batch.owner)
    if to_follow([batch], write_down([batch], now=now)):
        actions.log(batch=batch, now=now, happened_at=now, what=What.FORETOLD)


def foretell_all_again(*, now: datetime, owner: User | None = None) -> None:
    """After a new model, or of one keeper after many batches came in at once: first all is learned, then told."""
    whose = f"of {owner.pk}" if owner else "all"
    work.enqueue(kind=AGAIN, key=whose, now=now, payload={"after": "", "step": LEARN}, owner=owner)


@transaction.atomic
def go_on(*, after: str, now: datetime, owner_id: UUID | None = None, step: str = TELL) -> None:
    """A chunk, and the next one as a job of its own, so that a kill costs one chunk."""
    owner = User.objects.get(pk=owner_id) if owner_id else None
    last = STEPS[step](after=after, now=now, owner=owner)
    if last is None and step == TELL:
        return
    onwards = {"after": last or "", "step": step if last else TELL}
    key = f"{onwards['step']} of {owner_id or 'all'} after {onwards['after']}"
    work.enqueue(kind=AGAIN, key=key, now=now, payload=onwards, owner=owner)


@transaction.atomic
def learn_many(*, after: str, now: datetime, owner: User | None = None) -> str | None:
    """The next of all batches, in a fixed number of queries; the last one's id, or None when there are no more."""
    batches = chunk_of(after, owner)
    learn(batches)
    return following(batches)


@transaction.atomic
def foretell_many(*, after: str, now: datetime, owner: User | None = None) -> str | None:
    """The same; where something else is said now, a job moves the reminders of the whole chunk."""
    batches = chunk_of(after, owner)
    if ids := to_follow(batches, write_down(batches, now=now)):
        # Whoever asks again before that was done means others.
        key = f"{ids[0]} {now.isoformat()}"
        work.enqueue(kind=FOLLOW, key=key, now=now, payload={"batches": ids}, owner=owner)
    return following(batches)


STEPS = {LEARN: learn_many, TELL: foretell_many}


def chunk_of(after: str, owner: User | None) -> list[Batch]:
    whose = Batch.objects.of(owner) if owner else Batch.objects.all()
    return list(_with_all(whose.filter(pk__gt=after)).order_by("pk")[:AT_ONCE])


def following(batches: Sequence[Batch]) -> str | None:
    return batches[-1].pk if len(batches) == AT_ONCE else None


def _with_all(batches: Any) -> Any:
    event: Any = Batch._meta.get_field("events").related_model
    moves = Prefetch("events", event.objects.moves(), to_attr="moves")
    return batches.select_related("owner", "parent").with_readings().prefetch_related(moves, "past_stages")


def learn(batches: Sequence[Batch]) -> set[str]:
    """Write down the stages that are over, and strike out those that no longer are.

    Says of which cultures something else is known now.
    """
    bring_history(batches, {batch.owner for batch in batches})
    found = {(batch.pk, ended.stage): row_of(batch, ended) for batch in batches for ended in ended_of(batch)}
    known = {(row.batch_id, row.stage): row for batch in batches for row in batch.past_stages.all()}
    no_longer = [row for key, row in known.items() if key not in found]
    new = {key: row for key, row in found.items() if key not in known or differs(row, known[key])}
    if no_longer:
        PastStage.objects.filter(pk__in=[row.pk for row in no_longer]).delete()
    if new:
        PastStage.objects.bulk_create(
            new.values(),
            update_conflicts=True,
            unique_fields=["batch", "stage"],
            update_fields=["culture", *CHANGING],
        )
    corrected = [known[key] for key in new if key in known]
    return {row.culture for row in (*no_longer, *corrected, *new.values())}


CHANGING = ("ending", "begun_at", *TAUGHT)


def differs(row: PastStage, known: PastStage) -> bool:
    return any(getattr(row, name) != getattr(known, name) for name in ("culture", *CHANGING))


def ended_of(batch: Batch) -> list[Ended]:
    was_poured = batch.parent is not None and batch.parent.started_at == batch.started_at
    ended = ended_stages(
        batch.facts(),
        departures=[departure(event) for event in batch.moves],  # type: ignore[attr-defined]
        was=Status(batch.status_before_archive or batch.status),
        put_away_at=batch.archived_at,
        noted_at=batch.created_at,
    )
    # The jar it was poured from has taught that once already.
    return [one for one in ended if not (was_poured and one.stage == Stage.OPEN)]


def departure(event: Any) -> Departure:
    before, after = (Place(Stage(one["stage"]), Status(one["status"])) for one in places_of(event))
    return Departure(before=before, after=after, at=event.occurred_at)


def places_of(event: Any) -> tuple[dict[str, str], dict[str, str]]:
    return event.data["from"], event.data["to"]


def row_of(batch: Batch, ended: Ended) -> PastStage:
    return PastStage(
        batch=batch,
        owner=batch.owner,
        culture=batch.culture,
        stage=ended.stage,
        ending=ended.past.ending,
        begun_at=ended.begun_at,
        **{name: getattr(ended.past, name) for name in TAUGHT},
    )


def write_down(batches: Iterable[Batch], *, now: datetime) -> list[Forecast]:
    """What is said of each that works, where it is not what was said last."""
    working = [batch for batch in batches if batch.status == Status.ACTIVE]
    bring_history(working, {batch.owner for batch in working})
    last = {row.batch_id: row for row in Forecast.objects.last_of_each(working)} if working else {}
    made = [forecast_of(batch, now=now) for batch in working]
    return Forecast.objects.bulk_create([row for row in made if is_news(row, last.get(row.batch_id))])


def to_follow(batches: Iterable[Batch], news: Iterable[Forecast]) -> list[str]:
    """Of which something else is said now; and bottles of which nothing is said, cold or ready: they press on."""
    told = {row.batch_id for row in news}
    return [one.pk for one in batches if one.pk in told or (one.is_sealed and one.status != Status.ACTIVE)]


def forecast_of(batch: Batch, *, now: datetime) -> Forecast:
    facts = batch.facts()
    seen = readiness.forecast(facts, now=now)
    return Forecast(
        batch=batch,
        culture=batch.culture,
        stage=batch.stage,
        made_at=now,
        confidence=seen.confidence,
        reasons=[reason.code for reason in seen.reasons],
        model=readiness.MODEL,
        n_history=seen.n_history,
        **dict(zip(QUANTILES, seen.quantiles, strict=True)),
        **pressed(outlook(facts, now=now)),
    )


def pressed(seen: Outlook | None) -> dict[str, Any]:
    if seen is None:
        return {}
    return {
        "low_bar": seen.low_bar,
        "likely_bar": seen.likely_bar,
        "high_bar": seen.high_bar,
        "act_by_at": seen.act_by,
    }


def is_news(row: Forecast, last: Forecast | None) -> bool:
    if last is None or (last.stage, last.model, last.culture) != (row.stage, row.model, row.culture):
        return True
    if (last.confidence, last.n_history) != (row.confidence, row.n_history):
        return True
    return any(moved(getattr(last, name), getattr(row, name)) for name in (*QUANTILES, "act_by_at"))


def moved(before: datetime | None, after: datetime | None) -> bool:
    if before is None or after is None:
        return before != after
    return abs(after - before) >= NOTICED


def forget(*, now: datetime) -> int:
    """What was said of batches that were put away two years ago."""
    over = Forecast.objects.filter(batch__archived_at__lt=now - KEPT_FOR).order_by("pk")
    forgotten, _ = Forecast.objects.filter(pk__in=over.values("pk")[:FORGOTTEN_AT_ONCE]).delete()
    return forgotten


def judged(user: User | None = None) -> Iterator[Judged]:
    """What was said first of each stage that was called ready since, of one keeper's batches or of all."""
    ended = PastStage.objects.filter(ending=Ending.READY)
    ended = ended.of(user) if user else ended
    first = Forecast.objects.filter(
        batch=OuterRef("batch"), stage=OuterRef("stage"), made_at__lt=OuterRef("ended_at")
    )
    ids = ended.annotate(said=first.order_by("made_at", "pk").values("pk")[:1]).exclude(said=None)
    for ready_at, row in pairs(ids.values_list("ended_at", "said").iterator(chunk_size=1000)):
        yield Judged(
            model=row.model,
            culture=row.culture,
            stage=row.stage,
            n_history=row.n_history,
            ready_at=ready_at,
            **{name: getattr(row, name) for name in QUANTILES},
        )


def pairs(found: Iterable[tuple[datetime, int]]) -> Iterator[tuple[datetime, Forecast]]:
    for chunk in batched(found, 1000):
        said = Forecast.objects.in_bulk([pk for _, pk in chunk])
        yield from ((ready_at, said[pk]) for ready_at, pk in chunk if pk in said)


def batched(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(rows)
    while chunk := list(islice(rest, size)):
        yield chunk
