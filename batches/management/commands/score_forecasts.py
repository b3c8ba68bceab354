"""How good the forecasts were, from what was said and what came of it."""

from typing import Any

from django.core.management.base import BaseCommand

from batches import forecasts, scores


class Command(BaseCommand):
    help = "Reports how often batches were ready when it was said, and how far off that was."

    def handle(self, *args: Any, **options: Any) -> None:
        judged = list(forecasts.judged())
        self.stdout.write(
            f"{'model':8} {'culture':14} {'stage':8} {'known':>6} {'n':>6} {'80 %':>6} {'50 %':>6}"
            f" {'off by':>8} {'late by':>8}"
        )
        groups = [*scores.by_kind(judged).items(), (("all", "", "", ""), judged)]
        for (model, culture, stage, known), some in groups:
            if found := scores.score(some):
                self.stdout.write(
                    f"{model:8} {culture:14} {stage:8} {known:>6} {found.number:>6} {found.within_80:>6.0%} "
                    f"{found.within_50:>6.0%} {found.mean_absolute_hours:>6.1f} h "
                    f"{found.mean_error_hours:>+6.1f} h"
                )
        if not judged:
            self.stdout.write("No batch has been called ready since forecasts are kept.")
