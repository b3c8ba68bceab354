from rest_framework import serializers

from events.kinds import BY_HAND
from events.models import Event
from kefir.api.wire import Identifier, Instant, ModelWire

FACTS = ["occurred_at", "description", "ph", "brix", "temperature_c", "taste", "fizz"]


class EventWire(ModelWire):
    class Meta:
        model = Event
        fields = ["id", "batch", "kind", *FACTS, "data", "created_at"]
        read_only_fields = fields


class NewEvent(ModelWire):
    id = Identifier(required=False, help_text="Chosen by the client: sent twice, it is one event.")
    kind = serializers.ChoiceField([(kind.value, kind.label) for kind in BY_HAND], required=False)
    occurred_at = Instant(required=False)

    class Meta:
        model = Event
        fields = ["id", "kind", *FACTS]


class EventChanges(ModelWire):
    kind = serializers.ChoiceField([(kind.value, kind.label) for kind in BY_HAND], required=False)

    class Meta:
        model = Event
        fields = ["kind", *FACTS]
