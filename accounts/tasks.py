"""What happens to accounts by the clock."""

from celery import shared_task
from django.utils import timezone

from accounts import actions, idempotency


@shared_task
def sweep() -> None:
    """Every hour: sessions, codes, invitations, sign-ins and kept answers that have run out."""
    actions.sweep(now=timezone.now(), answers_kept_for=idempotency.KEPT_FOR)
