from rest_framework import serializers

from hooks.kinds import CHOICES, Kind
from hooks.models import Endpoint, HookDelivery
from kefir.api.wire import ModelWire, Text, Truth

KINDS = "Which kinds of message it wants; none means all, also those that come to be later."


class KindField(serializers.ChoiceField):
    """A kind that can be asked for."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(choices=CHOICES, **kwargs)  # type: ignore[arg-type]


class EndpointWire(ModelWire):
    kinds = serializers.ListField(child=KindField(), help_text=KINDS)

    class Meta:
        model = Endpoint
        fields = [
            "id", "url", "kinds", "is_on", "failures", "failing_since_at", "disabled_at", "disabled_reason",
            "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class EndpointAndSecret(EndpointWire):
    """The secret is shown when it is made, and not again."""

    class Meta(EndpointWire.Meta):
        fields = [*EndpointWire.Meta.fields, "secret"]
        read_only_fields = fields


class NewEndpoint(ModelWire):
    url = Text(max_length=1000)
    kinds = serializers.ListField(child=KindField(), required=False, max_length=len(Kind), help_text=KINDS)

    class Meta:
        model = Endpoint
        fields = ["url", "kinds"]


class EndpointChanges(NewEndpoint):
    url = Text(max_length=1000, required=False)
    is_on = Truth(required=False)

    class Meta(NewEndpoint.Meta):
        fields = ["url", "kinds", "is_on"]


class HookDeliveryWire(ModelWire):
    webhook = serializers.UUIDField(source="endpoint_id")
    message = serializers.UUIDField(source="message_id")
    kind = serializers.ChoiceField(Kind.choices, source="message.kind")

    class Meta:
        model = HookDelivery
        fields = [
            "id", "webhook", "message", "kind", "status", "attempts", "next_try_at", "status_code", "error",
            "created_at", "delivered_at",
        ]  # fmt: skip
        read_only_fields = fields
