from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import one_line
from batches import acidity, words
from batches.brought import BroughtAlong, along
from batches.cultures import BottleKind, Culture, ferment
from batches.facts import Facts, Past, Reading, Sign
from batches.identifiers import new_batch_id
from batches.past import Asking, PastStage
from batches.sentences import between, holds, in_range
from batches.stages import Place, Stage, Status

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)

ABOUT = timedelta(hours=2)  # who strains one jar and fills the next does not do both in the same minute
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
SHARED_PHOTOS = 50
CULTURES = dict(Culture.choices)
OF_A_READING = (
    "id", "batch", "kind", "occurred_at", "ph", "brix", "temperature_c", "taste", "fizz", "sign", "ph_by",
)  # fmt: skip
OF_A_PHOTO = (
    "id", "batch", "state", "web_key", "thumbnail_key", "copied_at", "confirmed_at", "created_at", "width", "height",
)  # fmt: skip


def hours(number: float | None) -> timedelta | None:
    return None if number is None else timedelta(hours=number)


def read_back(told: dict[str, Any]) -> Reading:
    return Reading(at=datetime.fromisoformat(told["at"]), temperature_c=told["temperature_c"])


class OwnedQuerySet(models.QuerySet[Row_co]):
    def of(self, user: User | AnonymousUser) -> Self:
        """What this person may see and change: the only word on whose a batch is, or was."""
        return self.filter(owner_id=user.pk) if user.pk else self.none()


class BatchQuerySet(OwnedQuerySet["Batch"]):
    def of_keepers(self, keepers: Iterable[User]) -> BatchQuerySet:
        """Of several people, each of whom is looked after for their own sake."""
        return self.filter(owner_id__in={keeper.pk for keeper in keepers})

    def kept(self) -> BatchQuerySet:
        return self.exclude(status=Status.ARCHIVED)

    def at_work(self) -> BatchQuerySet:
        """What ferments, and what presses in bottles, however cold."""
        return self.kept().filter(Q(status=Status.ACTIVE) | Q(stage=Stage.BOTTLED))

    def may_be_in_danger(self) -> BatchQuerySet:
        """In closed bottles, or with mould that was seen once: what nobody may miss, however old it is."""
        moulds = self.upper("events").filter(batch=OuterRef("pk"), sign=Sign.MOULD)
        return self.kept().filter(Q(stage=Stage.BOTTLED) | Exists(moulds))

    def public(self) -> BatchQuerySet:
        """What strangers may read; of somebody who leaves or was barred, nothing any more."""
        return self.filter(is_public=True, owner__erase_at=None, owner__is_active=True)

    def that_say(self, sought: str, *, of: User) -> BatchQuerySet:
        """By their names and notes; among what this person wrote, for which there is an index."""
        found = self.filter(words.said(sought))
        if len(sought) < words.PIECE:
            return found
        return found.alias(pieces=words.OF_A_BATCH).filter(pieces__contains=words.pieces_of(of, sought))

    def newest_first(self) -> BatchQuerySet:
        return self.order_by("-started_at", "-id")

    def older_than(self, batch: Batch) -> BatchQuerySet:
        """What comes after this one when the newest comes first."""
        return self.filter(
            Q(started_at__lt=batch.started_at) | Q(started_at=batch.started_at, id__lt=batch.pk)
        )

    def with_readings(self) -> BatchQuerySet:
        """Brings along, in the same statement, what `facts` asks the timeline for."""
        return self.annotate(**along(self.upper("events").measured(), name="measured", fields=OF_A_READING))

    def with_next_reminder(self) -> BatchQuerySet:
        """Brings along, in the same statement, the first thing each asks for."""
        soonest = self.upper("reminders").to_do().soonest_first()
        return self.annotate(
            **along(soonest, name="next_reminders", fields=("id", "batch", "message", "alert_at"), most=1)
        )

    def with_cover(self) -> BatchQuerySet:
        """Brings along, in the same statement, the photo that stands for each."""
        first = self.upper("photos").shown().cover_first()
        return self.annotate(**along(first, name="covers", fields=OF_A_PHOTO, most=1))

    def with_photos(self, most: int) -> BatchQuerySet:
        """Brings along, in the same statement, its newest photos with what is written below them."""
        newest = self.upper("photos").ready().newest_first()
        fields = (*OF_A_PHOTO, "event__id", "event__description")
        return self.annotate(**along(newest, name="newest_photos", fields=fields, most=most))

    def with_shared_photos(self) -> BatchQuerySet:
        """Brings along, in the same statement, what strangers see of its photos."""
        fields = (*OF_A_PHOTO, "event__id", "event__description")
        return self.annotate(
            **along(
                self.upper("photos").shown().cover_first(), name="hung_up", fields=fields, most=SHARED_PHOTOS
            )
        )

    def with_children(self, most: int) -> BatchQuerySet:
        """Brings along, in the same statement, what came of it."""
        newest = Batch.objects.newest_first()
        return self.annotate(
            **along(newest, name="family", fields=("id", "name", "stage", "status", "started_at"), most=most)
        )

    def with_sensors(self) -> BatchQuerySet:
        """Says whether any is in it, or ever measured it."""
        inside, told = self.upper("sensors"), self.upper("readings")
        return self.annotate(
            is_watched=Exists(inside.filter(batch=OuterRef("pk"))) | Exists(told.filter(batch=OuterRef("pk")))
        )

    def for_cards(self) -> BatchQuerySet:
        """As they stand on a shelf."""
        return self.newest_first().with_readings().with_next_reminder().with_cover()

    def upper(self, accessor: str) -> Any:
        """By the reverse accessor's name: what is written of a batch is the upper apps'."""
        model: Any = self.model._meta.get_field(accessor).related_model
        return model.objects.all()


class Batch(models.Model):
    """One jar, from the day it is started until it is drunk; its bottles too, once it is bottled."""

    id = models.CharField(primary_key=True, max_length=12, default=new_batch_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="batches")
    name = models.CharField(max_length=100, validators=[one_line])
    culture = models.CharField(max_length=20, choices=Culture, default=Culture.WATER_KEFIR)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.OPEN, editable=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE, editable=False)

    water_volume_ml = models.PositiveIntegerField(
        null=True, blank=True, validators=between(50, 200_000, "ml")
    )
    sugar_grams = models.FloatField(null=True, blank=True, validators=between(0, 50_000, "g"))
    sugar_type = models.CharField(max_length=40, blank=True, validators=[one_line])
    grains_grams = models.FloatField(null=True, blank=True, validators=between(0, 20_000, "g"))
    fruits = ArrayField(
        models.CharField(max_length=40, validators=[one_line]),
        default=list,
        blank=True,
        validators=[MaxLengthValidator(20, _("At most 20 fruits."))],
    )
    temperature_c = models.FloatField(null=True, blank=True, validators=between(0, 45, "°C"))
    started_at = models.DateTimeField(
        validators=[MinValueValidator(EARLIEST, _("That is too long ago to be true."))]
    )
    target_hours = models.FloatField(null=True, blank=True, validators=between(1, 2160, "hours"))

    bottled_at = models.DateTimeField(null=True, blank=True)
    bottle_count = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=between(1, 1000, "bottles")
    )
    bottle_volume_ml = models.PositiveIntegerField(
        null=True, blank=True, validators=between(50, 200_000, "ml")
    )
    bottle_kind = models.CharField(max_length=20, choices=BottleKind, blank=True)
    added_sugar_grams = models.FloatField(null=True, blank=True, validators=between(0, 50_000, "g"))
    bottled_temperature_c = models.FloatField(null=True, blank=True, validators=between(0, 45, "°C"))
    bottled_target_hours = models.FloatField(null=True, blank=True, validators=between(1, 2160, "hours"))

    in_fridge_at = models.DateTimeField(null=True, blank=True, editable=False)
    ready_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    status_before_archive = models.CharField(max_length=10, choices=Status, blank=True, editable=False)

    # What sensors have told the rules of care, oldest first: {"at", "temperature_c", "source"}.
    sensed = models.JSONField(default=list, db_default=[], blank=True, editable=False)

    notes = models.TextField(max_length=2000, blank=True, validators=[MaxLengthValidator(2000)])
    is_public = models.BooleanField(default=False, editable=False)
    public_note = models.TextField(max_length=500, blank=True, validators=[MaxLengthValidator(500)])
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children", editable=False
    )
    # The culture it was made with, where its keeper keeps it as a thing of its own.
    grains = models.ForeignKey(
        "batches.Grains",
        verbose_name=_("made with"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="batches",
        db_index=False,
    )
    # Of these earlier batches tell less.
    new_grains = models.BooleanField(_("new grains"), default=False, db_default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    # By the database's clock, at each write (a trigger): an app that keeps a copy asks what came after (adr/0012).
    stamped_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = BatchQuerySet.as_manager()

    measured = BroughtAlong("events")
    next_reminders = BroughtAlong("reminders")
    covers = BroughtAlong("photos")
    newest_photos = BroughtAlong("photos")
    hung_up = BroughtAlong("photos")
    family = BroughtAlong("children")

    class Meta:
        verbose_name_plural = "batches"
        indexes = [
            models.Index("owner", F("started_at").desc(), F("id").desc(), name="batch_newest_of_owner"),
            models.Index(
                "owner",
                F("started_at").desc(),
                F("id").desc(),
                condition=~Q(status=Status.ARCHIVED),
                name="batch_kept_newest_of_owner",
            ),
            models.Index(fields=["owner", "stamped_at", "id"], name="batch_stamped_of_owner"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="batch_by_parent"),
            models.Index(fields=["grains"], condition=Q(grains__isnull=False), name="batch_by_grains"),
        ]
        constraints = [
            holds(
                "batch_is_bottled_after_it_starts",
                Q(bottled_at__isnull=True) | Q(bottled_at__gte=F("started_at")),
                _("It cannot be bottled before it was started."),
                "bottled_before_start",
            ),
            holds(
                "batch_in_bottles_says_since_when",
                Q(stage=Stage.OPEN, bottled_at__isnull=True)
                | Q(stage=Stage.BOTTLED, bottled_at__isnull=False),
                _("Only a bottled batch has a time of bottling."),
                "not_bottled",
            ),
            holds(
                "batch_archived_says_since_when",
                Q(status=Status.ARCHIVED, archived_at__isnull=False)
                | (~Q(status=Status.ARCHIVED) & Q(archived_at__isnull=True)),
                _("Only an archived batch has a time of archiving."),
                "not_archived",
            ),
            holds(
                "batch_starts_this_century",
                Q(started_at__gte=EARLIEST),
                _("That is too long ago to be true."),
                "out_of_range",
            ),
            holds(
                "batch_has_few_fruits",
                Q(fruits__len__lte=20),
                _("At most 20 fruits."),
                "too_many",
            ),
            in_range("batch", "water_volume_ml", 50, 200_000),
            in_range("batch", "sugar_grams", 0, 50_000),
            in_range("batch", "grains_grams", 0, 20_000),
            in_range("batch", "temperature_c", 0, 45),
            in_range("batch", "target_hours", 1, 2160),
            in_range("batch", "bottle_count", 1, 1000),
            in_range("batch", "bottle_volume_ml", 50, 200_000),
            in_range("batch", "added_sugar_grams", 0, 50_000),
            in_range("batch", "bottled_temperature_c", 0, 45),
            in_range("batch", "bottled_target_hours", 1, 2160),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.name}"

    def get_culture_display(self) -> str:  # type: ignore[no-redef]
        """Django's own makes a table of all of them anew each time, in words."""
        return str(CULTURES.get(self.culture, self.culture))

    @property
    def place(self) -> Place:
        return Place(Stage(self.stage), Status(self.status))

    @property
    def history(self) -> tuple[Past, ...]:
        """What its keeper's earlier batches of this culture and stage teach; asked once, unless brought along."""
        if not self.place.is_alive:
            return ()
        known = self.__dict__.get("taught")
        if known is None or known[0] != (self.culture, self.stage):
            bring_history([self], {self.owner})
        return tuple(self.__dict__["taught"][1])

    def facts(self, *, source: str = "") -> Facts:
        """This batch as the rules see it, with what was measured so far; by sensors, or only by one of them."""
        brought = getattr(self, "measured", None)
        measured = list(self.events.measured()) if brought is None else brought
        return Facts(
            culture=self.culture,
            stage=Stage(self.stage),
            status=Status(self.status),
            started_at=self.started_at,
            target=hours(self.target_hours),
            temperature_c=self.temperature_c,
            water_volume_ml=self.water_volume_ml,
            sugar_grams=self.sugar_grams,
            grains_grams=self.grains_grams,
            bottled_at=self.bottled_at,
            bottled_target=hours(self.bottled_target_hours),
            bottled_temperature_c=self.bottled_temperature_c,
            bottle_kind=self.bottle_kind,
            added_sugar_grams=self.added_sugar_grams,
            bottled_ml=self.bottled_ml,
            in_fridge_since=self.in_fridge_at,
            readings=(
                *(event.reading for event in measured),
                *(read_back(told) for told in self.sensed if source in {"", told["source"]}),
            ),
            burped_at=tuple(event.occurred_at for event in measured if event.was_burped),
            calmed_at=tuple(event.occurred_at for event in measured if event.was_calmed),
            ingredient=self.ingredient,
            history=self.history,
            grains_are_kept=self.grains_id is not None or bool(self.__dict__.get("refilled")),
        )

    @property
    def bottled_ml(self) -> int | None:
        return (self.bottle_count or 0) * (self.bottle_volume_ml or 0) or None

    @property
    def ingredient(self) -> str:
        """The main one: the first that was named."""
        return self.fruits[0] if self.fruits else ""

    @property
    def shared_photos(self) -> list[Any]:
        """What strangers see of its photos, the cover first, then the newest: copies alone."""
        brought = getattr(self, "hung_up", None)
        if brought is not None:
            return list(brought)
        # By the reverse accessor's name: photos are the upper app's.
        return list(self.photos.shown().select_related("event").cover_first()[:SHARED_PHOTOS])

    @property
    def is_mouldy(self) -> bool:
        return not self.is_archived and self.facts().mould_seen_at is not None

    def is_not_sour(self, now: datetime) -> bool:
        """It should be by now, and was measured."""
        return not self.is_archived and acidity.fails(self.facts(), now=now)

    @property
    def is_archived(self) -> bool:
        return self.status == Status.ARCHIVED

    @property
    def was_poured(self) -> bool:
        """It began in its parent's jar, not in one of its own."""
        in_one_jar = self.parent is not None and self.started_at == self.parent.started_at
        return in_one_jar and self.stage == Stage.BOTTLED

    @property
    def asks_for_grains(self) -> bool:
        """Those that were strained off, as nobody keeps them as a thing of its own."""
        is_bottled = self.place == Place(Stage.BOTTLED, Status.ACTIVE) and self.grains_id is None
        return is_bottled and ferment(self.culture).at(Stage.BOTTLED).asks_for_grains

    @property
    def is_sealed(self) -> bool:
        """In closed bottles, where pressure builds."""
        return self.stage == Stage.BOTTLED and not self.is_archived


def bring_history(batches: Iterable[Batch], keepers: Iterable[User]) -> None:
    """Gives each batch, in one query for all, what `facts` asks of its keeper's earlier ones."""
    wanted = [one for one in batches if one.place.is_alive]
    rows = (
        PastStage.objects.of_keepers(keeper.pk for keeper in keepers) if wanted else PastStage.objects.none()
    )
    found: dict[tuple[Any, str], list[PastStage]] = defaultdict(list)
    for row in rows.filter(culture__in={one.culture for one in wanted}).newest_of_each():
        found[row.owner_id, row.culture].append(row)
    for one in wanted:
        others = [row for row in found[one.owner_id, one.culture] if row.batch_id != one.pk]
        asks = Asking(one.grains_id, since=one.started_at, renewed_at=renewals(others, one))
        taught = [row.past_for(asks) for row in others if row.stage == one.stage]
        one.__dict__["taught"] = ((one.culture, one.stage), taught)
    bring_next_jars([one for one in wanted if one.asks_for_grains], keepers)


def bring_next_jars(strained: Sequence[Batch], keepers: Iterable[User]) -> None:
    """Says of each whether its keeper has filled another jar since; in one query, where any asks at all."""
    if not strained:
        return
    jars = Batch.objects.of_keepers(keepers).filter(culture__in={one.culture for one in strained})
    rows = jars.values_list("owner_id", "culture").annotate(newest=Max("started_at"))
    newest = {(keeper, culture): started_at for keeper, culture, started_at in rows.order_by()}
    for one in strained:
        since = max(one.started_at + ABOUT, (one.bottled_at or one.started_at) - ABOUT)
        filled_at = newest.get((one.owner_id, one.culture), one.started_at)
        one.__dict__["refilled"] = filled_at >= since


def renewals(others: Iterable[PastStage], one: Batch) -> frozenset[datetime]:
    """When its grains were new: as it was started, or another one with the same."""
    marked = {row.began for row in others if row.was_new and row.fed == one.grains_id}
    return frozenset(marked | ({one.started_at} if one.new_grains else set()))


class Tombstone(models.Model):
    """Something that is gone for good, so that an app which keeps a copy can forget it too. Written by triggers."""

    class Kind(models.TextChoices):
        BATCH = "batch", _("Batch")
        EVENT = "event", _("Event")
        REMINDER = "reminder", _("Reminder")
        PHOTO = "photo", _("Photo")
        GRAINS = "grains", _("Grains")

    kind = models.CharField(max_length=10, choices=Kind)
    thing_id = models.CharField(max_length=36)
    # The database's own cascade takes them along with the person: they are written while the account is being erased.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="tombstones",
        db_constraint=False,
        db_index=False,
    )
    gone_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "gone_at", "id"], name="tombstone_gone_of_owner")]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing_id}"


class Undo(models.Model):
    """What somebody just did, as it was before: for an hour it can be taken back (batches/undoing.py)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="undos")
    # What was done to a culture, or to something that is in no batch, is of none.
    batch = models.ForeignKey(Batch, null=True, on_delete=models.CASCADE, related_name="undos")
    made_at = models.DateTimeField(db_index=True)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    # Rows, oldest first: {"model", "id", "before", "after"}; before or after is null where there was, or is, none.
    changes = models.JSONField(default=list)

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.id} of {self.owner_id}"


# Django finds all models of an app here; these are built on those above.
from batches import grain_models  # noqa: E402, F401
