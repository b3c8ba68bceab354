"""After a new model, or once for what was there before there were forecasts."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from batches import forecasts


class Command(BaseCommand):
    help = "Has workers foretell all batches anew, and learn from what has ended."

    def handle(self, *args: Any, **options: Any) -> None:
        forecasts.foretell_all_again(now=timezone.now())
        self.stdout.write("Workers will foretell all batches anew.")
