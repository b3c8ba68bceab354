"""What an operator watches, for Prometheus: read from the database, so that every process says the same."""

import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from reminders import tallies
from reminders.models import Heartbeat, Reminder
from work import tallies as jobs

# Counting stops here: whoever has more due than this has seen the alarm already.
MOST = 1_000_000


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """To a stranger there is no such page; without METRICS_TOKEN there is none at all."""
    if not is_known(request):
        raise Http404
    registry = CollectorRegistry()
    try:
        now = timezone.now()
        registry.register(Reminders(now))
        registry.register(Jobs(now))
        text = generate_latest(registry)
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain")
    return HttpResponse(text, content_type=CONTENT_TYPE_PLAIN_0_0_4)


def is_known(request: HttpRequest) -> bool:
    given, wanted = request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(given.encode(), wanted.encode())


class Reminders(Collector):
    def __init__(self, now: datetime) -> None:
        self.now = now

    def describe(self) -> Iterator[Metric]:
        """Nothing, so that registering does not ask the database once more."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        yield from self.gauges()
        counted = tallies.totals()
        yield deliveries(counted)
        yield refused(counted)
        yield lateness(counted)

    def gauges(self) -> Iterator[Metric]:
        due = Reminder.objects.due(self.now)
        oldest = due.order_by("alert_at").values_list("alert_at", flat=True).first()
        waiting = Reminder.objects.waiting()[:MOST].count()
        yield gauge("kefir_reminders_waiting", f"Reminders still to be sent, at most {MOST}.", waiting)
        yield gauge("kefir_reminders_due", "Of those, how many should be on their way.", due[:MOST].count())
        late = self.now - oldest if oldest else timedelta()
        yield gauge("kefir_reminders_oldest_due_seconds", "How late the latest is.", late.total_seconds())
        if last := Heartbeat.last_tick():
            yield gauge(
                "kefir_last_tick_timestamp_seconds", "When beat last asked what is due.", last.timestamp()
            )


class Jobs(Collector):
    def __init__(self, now: datetime) -> None:
        self.now = now

    def describe(self) -> Iterator[Metric]:
        """As above."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        kinds = jobs.by_kind(now=self.now)
        told = {kind: one.oldest_due.total_seconds() for kind, one in kinds.items()}
        yield of_kinds("waiting", "Jobs not yet done.", {k: one.waiting for k, one in kinds.items()})
        yield of_kinds("due", "Of those, what nobody is at yet.", {k: one.due for k, one in kinds.items()})
        yield of_kinds("oldest_due_seconds", "For how long the first of those has been due.", told)
        yield of_kinds("dead", "Jobs that were given up.", {k: one.dead for k, one in kinds.items()})
        yield tries()


def of_kinds(name: str, what: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"kefir_jobs_{name}", what, labels=["kind"])
    for kind, value in values.items():
        family.add_metric([kind], value)
    return family


def tries() -> CounterMetricFamily:
    family = CounterMetricFamily("kefir_jobs", "Tries, and what came of them.", labels=["kind", "outcome"])
    for kind, outcome, count in jobs.outcomes():
        family.add_metric([kind, outcome], count)
    return family


def gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value)


def deliveries(counted: tallies.Totals) -> CounterMetricFamily:
    family = CounterMetricFamily(
        "kefir_deliveries", "Tries to carry a reminder to one address, and what came of them.",
        labels=["channel", "outcome"],
    )  # fmt: skip
    for (channel, outcome), value in sorted(counted.deliveries.items()):
        family.add_metric([channel, outcome], value)
    return family


def refused(counted: tallies.Totals) -> CounterMetricFamily:
    family = CounterMetricFamily(
        "kefir_refused",
        "Tries that failed because a service does not take our own credentials.",
        labels=["channel"],
    )
    for channel, value in sorted(counted.refused.items()):
        family.add_metric([channel], value)
    return family


def lateness(counted: tallies.Totals) -> HistogramMetricFamily:
    family = HistogramMetricFamily(
        "kefir_reminder_lateness_seconds", "From when a reminder was to alert until it was sent."
    )
    family.add_metric([], counted.buckets(), counted.lateness_sum)
    return family
