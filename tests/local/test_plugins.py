"""The plugins beneath all tests: nothing outlives a killed run, and in CI nothing is left out."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kefir.local import processes
from tests.services import ROOT

KEPT = ("PATH", "HOME", "LANG")


def environment(**more: str) -> dict[str, str]:
    """Of a run that starts anew, and not as a part of this one."""
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        "PYTHONPATH": str(ROOT),
        **more,
    }


class TestServices:
    def test_end_with_a_run_that_is_killed_and_leave_no_folder(self, tmp_path: Path):
        said = "import os, tests.services; print(os.environ['KEFIR_DATA'], flush=True); input()"
        run = subprocess.Popen(
            [sys.executable, "-c", said],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        data = Path(run.stdout.readline().strip())
        mark = f"KEFIR_INSTANCE={(data / 'lock').read_text(encoding='utf-8')}"
        assert len(list(processes.marked(mark))) > 2
        run.kill()
        run.communicate()
        _wait_until_none(mark)
        subprocess.run([sys.executable, "-c", "import tests.services"], env=environment(), check=True)
        assert not data.exists()


def _wait_until_none(mark: str) -> None:
    deadline = time.monotonic() + 5
    while left := list(processes.marked(mark)):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


class TestCompleteness:
    @pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
    def test_allows_no_skip_in_ci(self, tmp_path: Path, ci: str, code: int):
        (tmp_path / "test_it.py").write_text("import pytest\n@pytest.mark.skip\ndef test_it(): pass\n")
        alone = [*("-p", "tests.completeness", "-p", "no:django", "--rootdir"), str(tmp_path)]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *alone, str(tmp_path)],
            cwd=tmp_path,
            env=environment(CI=ci),
            check=False,
        )
        assert done.returncode == code
