"""What goes over the wire of cultures of one's own. Text in, values out; nothing is decided here."""

from rest_framework import serializers

from batches.grain_kinds import GrainKind
from batches.grain_models import Grains, Weighing
from kefir.api.sync import SyncQuery
from kefir.api.wire import Identifier, Instant, ModelWire, Number, Text, Wire


class GrainsWire(ModelWire):
    class Meta:
        model = Grains
        fields = [
            "id", "name", "culture", "status", "got_at", "notes", "in_fridge_at", "gone_at", "fed_at",
            "renewed_at", "care_at", "version", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class CareWire(Wire):
    """What they want next, by a rule of thumb."""

    kind = serializers.CharField()
    due_at = Instant()
    message = serializers.CharField()
    why = serializers.CharField()


class GrowthWire(Wire):
    """With one batch, if nothing was given away or added meanwhile."""

    started_at = Instant(source="jar.started_at")
    strained_at = Instant(source="jar.strained_at")
    before_grams = serializers.FloatField()
    after_grams = serializers.FloatField()
    percent = serializers.FloatField()


class OneGrainsWire(GrainsWire):
    grams = serializers.FloatField(read_only=True, allow_null=True, help_text="What they weighed last.")
    care = CareWire(read_only=True, allow_null=True)
    growths = GrowthWire(many=True, read_only=True, help_text="Oldest first.")

    class Meta(GrainsWire.Meta):
        fields = [*GrainsWire.Meta.fields, "grams", "care", "growths"]


class GrainsChanges(ModelWire):
    name = Text(max_length=100, required=False)
    got_at = Instant(required=False)
    status = serializers.ChoiceField(Grains.Status.choices, required=False)

    class Meta:
        model = Grains
        fields = ["name", "culture", "got_at", "notes", "status"]


class NewGrains(ModelWire):
    id = Identifier(required=False, help_text="Chosen by the client.")
    name = Text(max_length=100, required=False, allow_blank=True)
    got_at = Instant(required=False)
    grams = Number(
        required=False, allow_null=True, min_value=0, max_value=20_000, help_text="What they weigh now."
    )

    class Meta:
        model = Grains
        fields = ["id", "name", "culture", "got_at", "notes", "grams"]


class WeighingWire(ModelWire):
    class Meta:
        model = Weighing
        fields = ["id", "grains", "weighed_at", "grams", "created_at"]
        read_only_fields = fields


class NewWeighing(ModelWire):
    id = Identifier(required=False, help_text="Chosen by the client.")
    weighed_at = Instant(required=False, help_text="Now, if it is not said.")

    class Meta:
        model = Weighing
        fields = ["id", "weighed_at", "grams"]


class AwayQuery(Wire):
    leaves_on = serializers.DateField()
    back_on = serializers.DateField()


class StepWire(Wire):
    day = serializers.DateField()
    words = serializers.CharField()


class PlanWire(Wire):
    days = serializers.IntegerField()
    in_fridge = serializers.BooleanField()
    liquid_ml = serializers.IntegerField(
        allow_null=True, help_text="To rest in; null where they were never weighed."
    )
    sugar_grams = serializers.IntegerField(allow_null=True)
    helper_days = serializers.ListField(
        child=serializers.DateField(), help_text="When somebody must come by."
    )
    steps = StepWire(many=True)
    honestly = serializers.CharField(help_text="How far to trust it.")


class GrainsQuery(SyncQuery):
    status = serializers.ChoiceField(Grains.Status.choices, required=False)
    culture = serializers.ChoiceField(GrainKind.choices, required=False)
