from rest_framework import serializers

from kefir.api.wire import ModelWire, Text, WholeNumber, Wire
from takeout.models import Export, Import


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


class NewImport(Wire):
    kind = serializers.ChoiceField(Import.Kind.choices)
    size_bytes = WholeNumber(min_value=1)
    filename = Text(max_length=255, required=False, allow_blank=True)


class ImportWire(ModelWire):
    progress = serializers.IntegerField(help_text="Of a hundred.")
    report = serializers.JSONField(
        help_text="What is in it, what would happen, how much was added, or what stands in the way, by line."
    )

    class Meta:
        model = Import
        fields = [
            "id",
            "kind",
            "state",
            "progress",
            "filename",
            "size_bytes",
            "report",
            "created_at",
            "ended_at",
        ]
        read_only_fields = fields


class ImportUpload(ImportWire):
    upload_url = serializers.URLField()
    headers = serializers.DictField(child=serializers.CharField(), help_text="To be sent with the PUT.")
    expires_in = serializers.IntegerField(help_text="Seconds.")

    class Meta(ImportWire.Meta):
        fields = [*ImportWire.Meta.fields, "upload_url", "headers", "expires_in"]
