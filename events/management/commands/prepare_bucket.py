from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from kefir import bucket
from kefir.bucket import preparing

SAID = {
    preparing.RIGHT: "so already",
    preparing.CHANGED: "set now",
    preparing.WRONG: "NOT SO",
    preparing.UNSUPPORTED: "this server cannot",
}


class Command(BaseCommand):
    help = "Sets up the bucket for photos and archives, and says what it changed. Twice is once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only say what is so; fails where something is not"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        findings = preparing.prepare(
            origins=[settings.SITE_URL, *settings.CORS_ALLOWED_ORIGINS],
            originals_days=settings.PHOTO_ORIGINALS_DAYS,
            only_look=options["check"],
        )
        try:
            outcomes = [self._say(finding) for finding in findings]
        except bucket.BucketFailed as failure:
            raise CommandError(str(failure)) from failure
        if preparing.WRONG in outcomes:
            raise CommandError("prepare_bucket without --check sets it right.")

    def _say(self, finding: preparing.Finding) -> str:
        self.stdout.write(f"{finding.what}: {SAID[finding.outcome]}.")
        return finding.outcome
