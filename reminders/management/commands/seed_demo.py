from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reminders import demo


class Command(BaseCommand):
    help = "Gives test@example.com some batches to look at. Safe to run twice; local mode only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("seed_demo makes an account that anybody knows: it runs in local mode only.")
        made = demo.seed(now=timezone.now())
        self.stdout.write(
            f"{demo.KEEPER} has {made.kept} batches ({made.new} new). "
            f"Sign in with that address; the code is at {settings.SITE_URL}/dev/mail/."
        )
