from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"

    def ready(self) -> None:
        from batches.signals import batch_changed  # noqa: PLC0415 models must be loaded first
        from events.actions import write_down_move  # noqa: PLC0415

        batch_changed.connect(write_down_move, dispatch_uid="events write down moves")
