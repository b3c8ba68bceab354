from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"

    def ready(self) -> None:
        from batches.signals import batch_changed  # noqa: PLC0415 models must be loaded first
        from reminders.actions import replan_changed_batch  # noqa: PLC0415

        batch_changed.connect(replan_changed_batch, dispatch_uid="reminders are planned anew")
