"""Every reminder arrives, whatever dies on the way. The short version, in a hurry; how fast it goes on is
measured by the long one, `bench/run chaos`.

The processes are real ones, on services of their own that may be killed.
"""

import pytest

from bench import faults
from bench.faults import CHUNK, Scene, scene

pytestmark = pytest.mark.processes

COUNT = 300


@pytest.fixture(scope="module")
def running_kefir():
    with scene(COUNT, hurried=True) as made:
        yield made


def nothing_is_lost(verdict: faults.Verdict, *, twice: int = 0) -> None:
    assert (verdict.lost, verdict.foreign) == (0, 0), str(verdict)
    assert verdict.duplicates <= twice, str(verdict)


class TestEveryReminderArrives:
    @pytest.mark.parametrize("mode", faults.UNDER_WAY)
    def test_though_a_child_is_killed(self, running_kefir: Scene, mode: str):
        nothing_is_lost(faults.a_child_is_killed(mode)(running_kefir), twice=CHUNK)

    @pytest.mark.parametrize("mode", faults.UNDER_WAY)
    def test_though_all_workers_are_killed(self, running_kefir: Scene, mode: str):
        # Each of the worker's two children may have had a chunk on the way.
        nothing_is_lost(faults.the_workers_are_killed(mode)(running_kefir), twice=2 * CHUNK)

    def test_though_redis_is_emptied(self, running_kefir: Scene):
        nothing_is_lost(faults.redis_is_emptied(running_kefir))

    def test_though_postgres_falls(self, running_kefir: Scene):
        nothing_is_lost(faults.postgres_falls(running_kefir))

    def test_though_redis_hangs_and_the_pages_answer_meanwhile(self, running_kefir: Scene):
        verdict = faults.redis_is_frozen(running_kefir, seconds=3)

        nothing_is_lost(verdict)
        assert verdict.said["pages"] > 0

    @pytest.mark.parametrize("mode", ["429", "cut"])
    def test_though_expo_answers(self, running_kefir: Scene, mode: str):
        nothing_is_lost(faults.expo_answers(mode)(running_kefir))

    @pytest.mark.parametrize("seconds", [90, -90])
    def test_and_none_early_though_the_workers_clock_is_off_by(self, running_kefir: Scene, seconds: int):
        verdict = faults.the_clock_is_off(seconds)(running_kefir)

        nothing_is_lost(verdict)
        assert verdict.said["earliest"] >= 0
