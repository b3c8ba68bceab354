from rest_framework import serializers

from events.kinds import BY_HAND_CHOICES
from events.models import Event, Photo
from kefir.api.wire import Identifier, Instant, ModelWire, Text, Truth, Wire

FACTS = ["occurred_at", "description", "ph", "brix", "temperature_c", "taste", "fizz", "sign", "ph_by"]


EXPLAINED = {
    "sign": {
        "help_text": "What was seen. `mould` and `no_mould` (looked for, or taken for it before) are observations: "
        "while there is mould, nothing else is suggested. `calm`: bottles burped by leaving them open until calm."
    },
    "ph_by": {"help_text": "What the pH was read with; when it is not said, the person's `phBy`."},
}


class EventWire(ModelWire):
    class Meta:
        model = Event
        extra_kwargs = EXPLAINED
        fields = ["id", "batch", "kind", *FACTS, "data", "created_at", "updated_at"]
        read_only_fields = fields


class NewEvent(ModelWire):
    id = Identifier(required=False, help_text="Chosen by the client: sent twice, it is one event.")
    kind = serializers.ChoiceField(BY_HAND_CHOICES, required=False)
    occurred_at = Instant(required=False)

    class Meta:
        model = Event
        extra_kwargs = EXPLAINED
        fields = ["id", "kind", *FACTS]


class EventChanges(ModelWire):
    kind = serializers.ChoiceField(BY_HAND_CHOICES, required=False)

    class Meta:
        model = Event
        extra_kwargs = EXPLAINED
        fields = ["kind", *FACTS]


class PhotoWire(ModelWire):
    caption = serializers.CharField(help_text="The description of its event.")
    url = serializers.URLField(
        help_text="Good for 15 minutes. A copy of at most 2048 px, upright and without metadata; until it is made, "
        "the original."
    )
    thumbnail_url = serializers.URLField(
        allow_null=True, help_text="At most 480 px, good for 15 minutes; null until it is made."
    )

    class Meta:
        model = Photo
        fields = ["id", "event", "caption", "taken_at", "width", "height", "is_cover", "url", "thumbnail_url"]
        read_only_fields = fields


class NewUpload(ModelWire):
    class Meta:
        model = Photo
        fields = ["content_type", "size_bytes", "filename"]


class UploadWire(Wire):
    photo_id = serializers.UUIDField()
    upload_url = serializers.URLField(help_text="PUT the photo there, just as long as was said.")
    headers = serializers.DictField(child=serializers.CharField(), help_text="Send these with it.")
    expires_in = serializers.IntegerField(help_text="Seconds.")


class NewPhoto(Wire):
    photo_id = Identifier()
    caption = Text(required=False, allow_blank=True, max_length=2000)
    taken_at = Instant(required=False, help_text="Without it, what the photo says of itself.")


class PhotoChanges(Wire):
    caption = Text(required=False, allow_blank=True, max_length=2000)
    is_cover = Truth(required=False)
