from django.apps import AppConfig
from django.urls import register_converter

from tags.codes import CodeConverter


class TagsConfig(AppConfig):
    name = "tags"
    verbose_name = "Jar tags"

    def ready(self) -> None:
        register_converter(CodeConverter, "jar")

        from batches.signals import batch_changed  # noqa: PLC0415 models must be loaded first
        from tags.actions import follow  # noqa: PLC0415

        batch_changed.connect(follow, dispatch_uid="jars are filled and emptied")
