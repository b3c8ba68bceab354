from django.apps import AppConfig
from django.conf import settings


class RemindersConfig(AppConfig):
    name = "reminders"

    def ready(self) -> None:
        from batches.signals import batch_changed  # noqa: PLC0415 models must be loaded first
        from reminders.actions import replan_changed_batch  # noqa: PLC0415

        batch_changed.connect(replan_changed_batch, dispatch_uid="reminders are planned anew")
        if settings.EMAIL_PROVIDER:
            from anymail.signals import tracking  # noqa: PLC0415

            from reminders.doors import told_by_provider  # noqa: PLC0415

            tracking.connect(told_by_provider, dispatch_uid="mail that comes back is noticed")
