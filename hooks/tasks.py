from celery import shared_task
from django.utils import timezone

from hooks import actions


@shared_task
def sweep() -> None:
    """Every hour: messages that nobody will ask about any more."""
    actions.note_again()
    while actions.forget(now=timezone.now()) == actions.FORGOTTEN_AT_ONCE:
        pass
