"""What goes over the wire of jar tags. Text in, values out; nothing is decided here."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from batches.identifiers import canonical
from batches.serializers import OwnBatchField
from kefir.api.wire import ModelWire, Text
from tags.codes import SHAPE, scan_address
from tags.models import JarTag


class CodeField(serializers.RegexField):
    """As it stands on the jar; case does not matter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(f"^{SHAPE}$", **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return canonical(super().to_internal_value(data))


class TagWire(ModelWire):
    scan_url = serializers.SerializerMethodField(help_text="What its QR code says.")

    class Meta:
        model = JarTag
        fields = ["id", "code", "name", "batch", "last_batch", "scan_url", "emptied_at", "claimed_at"]
        read_only_fields = fields

    def get_scan_url(self, tag: JarTag) -> str:
        return scan_address(tag.code, site=settings.SITE_URL)


class TagChanges(ModelWire):
    name = Text(max_length=60, required=False)
    batch = OwnBatchField(required=False, allow_null=True)

    class Meta:
        model = JarTag
        fields = ["name", "batch"]


class NewTag(TagChanges):
    code = CodeField(
        required=False, help_text="Of a blank tag that was scanned; without it a new one is made."
    )
    name = Text(max_length=60, required=False, allow_blank=True)

    class Meta:
        model = JarTag
        fields = ["code", "name", "batch"]
