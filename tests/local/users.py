"""Who runs Kefir in a test: root, or somebody without any rights."""

import functools
import os
import pwd
import site
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kefir.local import unprivileged
from tests.services import ROOT

NOBODY = pwd.getpwnam("nobody")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


def ordinary_user(root: Path) -> dict[str, Any]:
    """How `launched` starts Kefir as an ordinary user, to whom the folder then belongs."""
    if os.geteuid() != 0:
        return {}
    os.chown(root, NOBODY.pw_uid, NOBODY.pw_gid)
    runner, python = _way()
    command = [*runner.prefix, python, "-m", "kefir.local"]
    return {"user": runner.user, "command": command, "environment": {"PYTHON": python}}


@functools.cache
def _way() -> tuple[unprivileged.Runner, str]:
    """Our own Python may be one that root keeps to itself; then another, or ours with a right to read it."""
    another = f"/usr/bin/python3.{sys.version_info.minor}"
    for runner in unprivileged.runners(NOBODY):
        for python in (sys.executable, another):
            if _works(runner, python):
                return runner, python
    pytest.fail("no Python works for an ordinary user")


def _works(runner: unprivileged.Runner, python: str) -> bool:
    uid, gid = runner.user or (None, None)
    try:
        tried = subprocess.run(
            [*runner.prefix, python, "-c", "import psycopg, kefir.local"],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": python_path()},
            cwd="/",
            user=uid,
            group=gid,
            extra_groups=[],
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return tried.returncode == 0


def python_path() -> str:
    return os.pathsep.join([str(ROOT), *site.getsitepackages()])
