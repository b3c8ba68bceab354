from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from rest_framework import serializers

from batches.actions import BOTTLING, EDITABLE, RECIPE
from batches.alcohol import Alcohol
from batches.cultures import BottleKind, Culture
from batches.grain_models import Grains
from batches.identifiers import named
from batches.keepers import Keeper
from batches.models import Batch, Tombstone
from batches.pressure import Band, Outlook
from batches.reasons import GUESSED, Confidence, Reason, wanting, words
from batches.sayings import Said, alcohol_words, utmost_words
from batches.stages import Stage, Status
from kefir.api.sync import SyncQuery
from kefir.api.wire import Instant, ModelWire, Number, Text, Truth, Wire

NEW_GRAINS = "Grains, skin or starter that are new: what earlier batches teach counts half from here on."


class OwnBatchField(serializers.PrimaryKeyRelatedField):
    """Another batch of the same keeper, named by its id."""

    def get_queryset(self) -> QuerySet[Batch]:
        return Batch.objects.of(self.context["request"].user)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data == "":
            self.fail("does_not_exist", pk_value=data)
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> Batch:
        batch: Batch = super().to_internal_value(named(data) if isinstance(data, str) else data)
        return batch


class OwnGrainsField(serializers.PrimaryKeyRelatedField):
    """A culture of the same keeper, named by its id."""

    def get_queryset(self) -> QuerySet[Grains]:
        return Grains.objects.of(self.context["request"].user)

    def to_internal_value(self, data: Any) -> Grains:
        if not isinstance(data, str):
            self.fail("incorrect_type", data_type=type(data).__name__)
        try:
            named_by = UUID(data)
        except ValueError:
            self.fail("does_not_exist", pk_value=data)
        grains: Grains = super().to_internal_value(named_by)
        return grains

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data == "":
            self.fail("does_not_exist", pk_value=data)
        return super().run_validation(data)


class AddressField(serializers.CharField):
    """Where a batch may be scanned, made of its id."""

    def to_representation(self, value: str) -> str:
        return f"{settings.SITE_URL}/b/{value}"


class BatchWire(ModelWire):
    public_url = AddressField(source="id", read_only=True)

    class Meta:
        model = Batch
        fields = [
            "id", "name", "culture", "stage", "status", "water_volume_ml", "sugar_grams", "sugar_type",
            "grains_grams", "fruits", "temperature_c", "started_at", "target_hours", "bottled_at",
            "bottle_count", "bottle_volume_ml", "bottle_kind", "added_sugar_grams", "bottled_temperature_c",
            "bottled_target_hours", "ready_at", "archived_at", "notes", "is_public", "public_note", "parent",
            "grains", "new_grains", "version", "public_url", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class NewBatch(ModelWire):
    new_grains = Truth(required=False, help_text=NEW_GRAINS)
    name = Text(max_length=100, required=False, allow_blank=True)
    started_at = Instant(required=False)
    is_public = Truth(required=False)
    parent = OwnBatchField(required=False, allow_null=True)  # type: ignore[assignment]
    grains = OwnGrainsField(required=False, allow_null=True)

    class Meta:
        model = Batch
        fields = [
            *RECIPE, "name", "started_at", "notes", "is_public", "public_note", "parent", "grains", "new_grains",
        ]  # fmt: skip


class BatchChanges(ModelWire):
    new_grains = Truth(required=False, help_text=NEW_GRAINS)
    stage = serializers.ChoiceField(Stage.choices, required=False)
    status = serializers.ChoiceField(Status.choices, required=False)
    is_public = Truth(required=False)
    grains = OwnGrainsField(required=False, allow_null=True)

    class Meta:
        model = Batch
        fields = [*sorted(EDITABLE), "stage", "status", "is_public"]


class SuggestionWire(Wire):
    kind = serializers.CharField()
    due_at = Instant()
    message = serializers.CharField()
    why = serializers.CharField()
    priority = serializers.IntegerField(help_text="0 safety, 1 to do, 2 a hint")


class ReasonWire(Wire):
    code = serializers.CharField()
    sentence = serializers.CharField()


class ReadyWire(Wire):
    """Eight of ten like it are ready between the earliest and the latest, half of them by the median."""

    earliest = Instant()
    median = Instant()
    latest = Instant()
    confidence = serializers.ChoiceField(choices=[one.value for one in Confidence])
    reasons = ReasonWire(many=True)


class BandWire(Wire):
    """Nine of ten bottles lie between `low` and `high`."""

    low = serializers.FloatField()
    likely = serializers.FloatField()
    high = serializers.FloatField()


class EnoughWire(Wire):
    """That there is sugar enough in it to reach its limit, if it stays warm for long enough."""

    sentences = serializers.ListField(child=serializers.CharField())
    confidence = serializers.ChoiceField(choices=GUESSED, help_text="Nobody measured it.")


class PressureWire(Wire):
    """Bar over the air around: an estimate, bottles differ. The limit is where the bottle must be cold.

    Between `low` and `high` lie nine of ten bottles, wider than the eight of ten of `ready`: one of twenty is above.
    """

    low = serializers.FloatField()
    likely = serializers.FloatField()
    high = serializers.FloatField()
    act_by = Instant(
        allow_null=True,
        help_text=(
            "By when to chill them: on the half hour, and before the keeper's night while that is to come. Once it has"
            " passed, when it was too late. null: their sugar cannot bring them that far."
        ),
    )
    at_act_by = BandWire(
        allow_null=True, help_text="What is expected when the limit comes, which `actBy` is at or before."
    )
    bottle_kind = serializers.ChoiceField(choices=BottleKind.choices)
    limit = serializers.FloatField()
    advisory = EnoughWire(allow_null=True, help_text="null where all its sugar cannot bring it to its limit.")


class AdvisoryWire(Wire):
    """That it may hold enough alcohol to matter to somebody."""

    limit = serializers.FloatField(help_text="% by volume, the highest that `high` has reached: 0.5 or 1.2.")
    sentences = serializers.ListField(child=serializers.CharField())
    confidence = serializers.ChoiceField(choices=GUESSED, help_text="Nobody measured it.")


class AlcoholWire(Wire):
    """% by volume: an estimate, and never free of it. From the least that the sugar gone may have made to the most."""

    low = serializers.FloatField()
    high = serializers.FloatField()
    advisory = AdvisoryWire(allow_null=True, help_text="null below 0.5 %.")


class ForecastWire(Wire):
    ready = ReadyWire(
        allow_null=True,
        help_text="null of what no longer works: cold, mouldy, not sour by its hour, ready or put away",
    )
    pressure = PressureWire(allow_null=True, help_text="null of what is not sealed, or put away")
    alcohol = AlcoholWire(allow_null=True, help_text="null of what nobody drinks")
    missing = ReasonWire(many=True, help_text="What would make it better, the most helpful first")


def forecast_on_the_wire(said: Said, *, bottle_kind: str, keeper: Keeper, now: datetime) -> dict[str, Any]:
    reasons = [reason_of(one, keeper) for one in said.ready.reasons] if said.ready else []
    cold_by = said.pressure and said.pressure.act_by and keeper.in_time_for(said.pressure.act_by, now=now)
    return {
        "ready": said.ready and {**vars(said.ready), "reasons": reasons},
        "pressure": said.pressure and pressure_of(said.pressure, bottle_kind) | {"act_by": cold_by},
        "alcohol": said.alcohol and alcohol_of(said.alcohol),
        "missing": [{"code": one, "sentence": wanting(one)} for one in said.missing],
    }


def alcohol_of(seen: Alcohol) -> dict[str, Any]:
    passed = seen.passed and {
        "limit": seen.passed.percent,
        "sentences": alcohol_words(seen),
        "confidence": Confidence.LOW,
    }
    return {"low": round(seen.low, 1), "high": round(seen.high, 1), "advisory": passed}


def reason_of(reason: Reason, keeper: Keeper) -> dict[str, str]:
    return {"code": reason.code, "sentence": words(reason, temperature=keeper.warmth)}


def band_of(seen: Outlook | Band) -> dict[str, float]:
    return {
        "low": round(seen.low_bar, 1),
        "likely": round(seen.likely_bar, 1),
        "high": round(seen.high_bar, 1),
    }


def pressure_of(seen: Outlook, bottle_kind: str) -> dict[str, Any]:
    enough = utmost_words(seen)
    return {
        **band_of(seen),
        "at_act_by": seen.at_act_by and band_of(seen.at_act_by),
        "bottle_kind": bottle_kind or BottleKind.UNKNOWN,
        "limit": seen.limit.act_bar,
        "advisory": {"sentences": [enough], "confidence": Confidence.LOW} if enough else None,
    }


class StartedBatch(BatchWire):
    suggestions = SuggestionWire(many=True)

    class Meta(BatchWire.Meta):
        fields = [*BatchWire.Meta.fields, "suggestions"]


class BottleGroup(ModelWire):
    """Bottles with a flavour and a clock of their own."""

    name = Text(max_length=100, required=False)

    class Meta:
        model = Batch
        fields = ["name", "fruits", *BOTTLING]


class NextJar(ModelWire):
    """What is different in the next jar; the rest is as in this one."""

    name = Text(max_length=100, required=False, allow_blank=True)
    started_at = Instant(required=False)

    class Meta:
        model = Batch
        fields = [*RECIPE, "name", "started_at", "notes"]


class NewBottles(Wire):
    groups = BottleGroup(many=True, help_text="1 to 12. Of several, each becomes a batch of its own.")
    bottled_at = Instant(required=False, help_text="Now, if it is not said.")
    next_jar = NextJar(
        required=False, allow_null=True, help_text="Starts another jar; {} by the same recipe."
    )
    grains_weigh_grams = Number(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=20_000,
        help_text="What the culture that was strained off weighs now; of a batch that says its `grains`.",
    )


class BottledWire(Wire):
    groups = BatchWire(many=True)
    next_jar = BatchWire(allow_null=True)


class PublicPhoto(Wire):
    """A copy without metadata; never what its keeper sent."""

    url = serializers.URLField(source="web_url", help_text="At most 2048 px, good for 15 minutes.")
    thumbnail_url = serializers.URLField(help_text="At most 480 px, good for 15 minutes.")
    caption = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class PublicBatch(ModelWire):
    """What a stranger may know of a shared batch, and nothing else."""

    photos = PublicPhoto(
        many=True, source="shared_photos", help_text="The cover first, then the newest; at most 50."
    )

    class Meta:
        model = Batch
        fields = [
            "id", "name", "culture", "stage", "status", "started_at", "bottled_at", "ready_at", "public_note",
            "photos",
        ]  # fmt: skip
        read_only_fields = fields


class TombstoneWire(ModelWire):
    id = serializers.CharField(source="thing_id")
    deleted_at = Instant(source="gone_at")

    class Meta:
        model = Tombstone
        fields = ["kind", "id", "deleted_at"]


class TombstoneQuery(Wire):
    since = Instant(
        required=False, help_text="The oldest `syncedUntil` that was given last time; up to 90 days ago."
    )


class BatchQuery(SyncQuery):
    """The filters of the list; `status` may name several, separated by commas."""

    status = serializers.RegexField(
        rf"^({'|'.join(Status.values)})(,({'|'.join(Status.values)}))*$",
        required=False,
        help_text="Without it, everything that is not archived; with updatedSince, that too.",
    )
    stage = serializers.ChoiceField(Stage.choices, required=False)
    culture = serializers.ChoiceField(Culture.choices, required=False)
    search = serializers.CharField(required=False, max_length=100, allow_blank=True)
