from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import register_converter

from batches.identifiers import BatchIdConverter


class BatchesConfig(AppConfig):
    name = "batches"

    def ready(self) -> None:
        from batches.cultures import Culture  # noqa: PLC0415 what the settings name can be looked at only now

        if unknown := set(settings.CULTURES) - set(Culture.values):
            names = ", ".join(sorted(unknown))
            raise ImproperlyConfigured(
                f"CULTURES: there is no {names}. There are {', '.join(Culture.values)}."
            )
        from batches.grains import replan_for_batch  # noqa: PLC0415 models must be loaded first
        from batches.signals import batch_changed  # noqa: PLC0415

        register_converter(BatchIdConverter, "batch")
        batch_changed.connect(replan_for_batch, dispatch_uid="what grains want is planned anew")
