from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actions


class Command(BaseCommand):
    help = "Open an account for staff. It has no password: they sign in with a code from their e-mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = actions.make_admin(email=options["email"])
        except ValidationError as refusal:
            raise CommandError(f"Nothing was made. {' '.join(refusal.messages)}") from refusal
        self.stdout.write(f"{user.email} may enter the back office. Sign in with a code from that mailbox.")
