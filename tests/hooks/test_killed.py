"""With real processes: what is killed while it sends is sent once more, under the same id."""

import time

import pytest
from django.utils import timezone

from hooks.models import HookDelivery
from tests.factories import make_user
from tests.fakes.http import HANG, Reply, Server
from tests.hooks.factories import make_webhook_delivery
from tests.services import running
from work.models import Job

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_worker_that_dies_while_it_sends_loses_nothing(monkeypatch, settings):
    monkeypatch.setenv("HOOKS_ALLOW_LOCAL", "1")
    settings.HOOKS_ALLOW_LOCAL = True
    received, replies = [], [HANG]

    def answer(request):
        received.append(request)
        return replies.pop(0) if replies else Reply(200)

    with Server(answer) as there, running("worker", "jobs", "beat") as kefir:
        url = f"http://127.0.0.1:{there.port}/"
        delivery = make_webhook_delivery(owner=make_user(), now=timezone.now(), url=url)
        until(lambda: received)
        kefir.kill("jobs")
        # Nobody waits here for the lease to run out.
        Job.objects.update(leased_until=timezone.now())
        with running("jobs"):
            until(lambda: HookDelivery.objects.get().status == "delivered")
    assert [one.headers["Kefir-Delivery"] for one in received] == [str(delivery.pk)] * 2
    assert received[0].body == received[1].body
    assert HookDelivery.objects.get().attempts == 1
