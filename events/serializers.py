from rest_framework import serializers

from events.kinds import BY_HAND_CHOICES
from events.models import Event
from kefir.api.wire import Identifier, Instant, ModelWire

FACTS = ["occurred_at", "description", "ph", "brix", "temperature_c", "taste", "fizz"]


class EventWire(ModelWire):
    class Meta:
        model = Event
        fields = ["id", "batch", "kind", *FACTS, "data", "created_at", "updated_at"]
        read_only_fields = fields


class NewEvent(ModelWire):
    id = Identifier(required=False, help_text="Chosen by the client: sent twice, it is one event.")
    kind = serializers.ChoiceField(BY_HAND_CHOICES, required=False)
    occurred_at = Instant(required=False)

    class Meta:
        model = Event
        fields = ["id", "kind", *FACTS]


class EventChanges(ModelWire):
    kind = serializers.ChoiceField(BY_HAND_CHOICES, required=False)

    class Meta:
        model = Event
        fields = ["kind", *FACTS]
