from typing import Any

from django.core.management.base import BaseCommand

from reminders.channels import webpush


class Command(BaseCommand):
    help = "Prints a key for messages to browsers. Make it once: with another one, every browser must subscribe anew."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"VAPID_PRIVATE_KEY={webpush.new_private_key()}")
