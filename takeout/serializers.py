from rest_framework import serializers

from kefir.api.wire import ModelWire
from takeout.models import Export


class ExportWire(ModelWire):
    progress = serializers.IntegerField(help_text="Of a hundred.")
    url = serializers.SerializerMethodField(
        help_text="Once it is ready: where the archive is, for five minutes."
    )

    class Meta:
        model = Export
        fields = ["id", "state", "progress", "size_bytes", "created_at", "made_at", "expires_at", "url"]
        read_only_fields = fields

    def get_url(self, export: Export) -> str | None:
        link: str | None = self.context["link"](export)
        return link
