"""Two workers and two beats, by mistake or for safety: each reminder reaches its keeper once. With real processes."""

import pytest

from bench.faults import scene

pytestmark = pytest.mark.processes


def test_two_of_each_send_each_reminder_once():
    with scene(200) as running_kefir:
        running_kefir.ours.begin("worker", "second worker")
        running_kefir.ours.begin("beat", "second beat")
        running_kefir.fill(over=3.0)

        verdict = running_kefir.judged("two of each")

    assert (verdict.lost, verdict.duplicates, verdict.foreign) == (0, 0, 0), str(verdict)
