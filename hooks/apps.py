from django.apps import AppConfig


class HooksConfig(AppConfig):
    name = "hooks"
    verbose_name = "Webhooks"

    def ready(self) -> None:
        from batches.signals import batch_changed  # noqa: PLC0415 models must be loaded first
        from hooks.actions import announce_changed_batch  # noqa: PLC0415

        batch_changed.connect(announce_changed_batch, dispatch_uid="webhooks are told")
