"""The first page, the pages of health, and what is said when something is wrong."""

from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views import defaults

from accounts.forms import GuessesForm
from batches.cultures import offered
from batches.models import Batch, BatchQuerySet, bring_history
from kefir.api import problems
from kefir.htmx import page_or_partial
from reminders.models import Heartbeat, Reminder

AT_HOME = 24
NAMED = 3
TICK_IS_OLD = timedelta(minutes=1)


def home(request: HttpRequest) -> HttpResponse:
    """A to-do list first, then what lives; to a stranger, what this is."""
    if not request.user.is_authenticated:
        form = GuessesForm() if settings.REGISTRATION == "open" else None
        named = [words for _name, words in offered(settings.CULTURES)[:NAMED]]
        return TemplateResponse(request, "welcome.html", {"demo_form": form, "cultures": named})
    reminders = Reminder.objects.of(request.user).to_do().with_what_it_is_about().soonest_first()
    batches = Batch.objects.of(request.user)
    due, shelf = list(reminders[: AT_HOME + 1]), list(batches.kept().for_cards()[: AT_HOME + 1])
    watched = [*shelf, *off_the_shelf(batches.may_be_in_danger(), shelf)]
    bring_history(watched, {request.user})
    context = {
        "reminders": due[:AT_HOME],
        "more_reminders": len(due) > AT_HOME,
        "batches": shelf[:AT_HOME],
        "more_batches": len(shelf) > AT_HOME,
        "watched": watched,
        "now": timezone.now(),
    }
    return page_or_partial(request, "home.html", "today", context)


def off_the_shelf(batches: BatchQuerySet, shelf: list[Batch]) -> BatchQuerySet:
    """The oldest bottles have been pressed the longest: an alarm asks for no place among the newest."""
    return batches.exclude(pk__in=[batch.pk for batch in shelf]).newest_first().with_readings()


def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok", content_type="text/plain", headers={"X-Kefir-Instance": settings.INSTANCE})


def readyz(request: HttpRequest) -> HttpResponse:
    """What this process needs answers too: PostgreSQL with all migrations, Redis, and whoever looks what is due."""
    checks = {"database": database_is_ready, "redis": redis_is_ready, "tick": tick_is_recent}
    failed = [name for name, is_ready in checks.items() if not is_ready()]
    return JsonResponse({"failed": failed}, status=503 if failed else 200)


def database_is_ready() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Exception:
        return False


def redis_is_ready() -> bool:
    try:
        cache.set("readyz", "1", 5)
    except Exception:
        return False
    return True


def tick_is_recent() -> bool:
    """Without it nobody is reminded of anything."""
    try:
        return Heartbeat.objects.filter(name="tick", beat_at__gt=Now() - TICK_IS_OLD).exists()
    except DatabaseError:
        return False


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problems.for_request(request, 400, "invalid") or defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problems.for_request(request, 404, "not_found") or defaults.page_not_found(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problems.for_request(request, 403, "permission_denied") or defaults.permission_denied(
        request, exception
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return problems.for_request(request, 500, "error") or defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return problems.for_request(request, 403, "permission_denied") or render(
        request, "403_csrf.html", status=403
    )
