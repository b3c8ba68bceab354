from django.apps import AppConfig


class SensorsConfig(AppConfig):
    name = "sensors"

    def ready(self) -> None:
        from batches.signals import batch_changed  # noqa: PLC0415 models must be loaded first
        from sensors.actions import expect_again  # noqa: PLC0415

        batch_changed.connect(expect_again, dispatch_uid="sensors that are back are listened for")
