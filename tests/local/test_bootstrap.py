"""What ./run and ./test do before there is a .venv, in a checkout whose requirements are few."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import ROOT

REQUIREMENTS = ["requirements.txt", "requirements-local.txt", "requirements-dev.txt"]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkout")
    local = root / "kefir" / "local"
    local.mkdir(parents=True)
    for name in ("run", "test"):
        shutil.copy2(ROOT / name, root)
    shutil.copy2(ROOT / "kefir/local/bootstrap.sh", local)
    (root / "kefir" / "__init__.py").touch()
    (local / "__main__.py").write_text("import os; print('runs with', os.environ.get('KEFIR_DATA'))")
    for name in REQUIREMENTS:
        (root / name).write_text("# none\n")
    made = call(root)
    assert made.returncode == 0, made.stderr
    return root


def call(checkout: Path, script: str = "./run", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / script],
        cwd=checkout.parent,
        env={"PATH": os.environ["PATH"], "HOME": str(checkout), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def path_with(folder: Path, *names: str) -> str:
    """A PATH on which there is nothing but these."""
    folder.mkdir()
    for name in names:
        program = shutil.which(name)
        assert program is not None, name
        (folder / name).symlink_to(program)
    return str(folder)


class TestRun:
    def test_makes_what_it_needs_once(self, checkout: Path):
        for link in (checkout / ".venv/bin").glob("python*"):
            link.unlink()  # so that this one has to be made anew
        first, second = call(checkout), call(checkout)
        assert "Making .venv" in first.stdout
        assert first.stdout.endswith("runs with None\n"), first.stderr
        assert second.stdout == "runs with None\n"

    def test_installs_again_when_the_requirements_change(self, checkout: Path):
        (checkout / "requirements-local.txt").write_text("# others\n")
        changed = call(checkout)
        assert "Installing" in changed.stdout
        assert "Making .venv" not in changed.stdout

    def test_takes_a_data_folder_from_where_it_was_called(self, checkout: Path):
        called = call(checkout, KEFIR_DATA="jars")
        assert called.stdout.endswith(f"runs with {checkout.parent / 'jars'}\n")

    def test_installs_nothing_without_a_hash(self, checkout: Path):
        kept = (checkout / "requirements.txt").read_text()
        (checkout / "requirements.txt").write_text("pip==1.0\n")
        refused = call(checkout)
        (checkout / "requirements.txt").write_text(kept)
        assert refused.returncode == 1
        assert "Hashes are required" in refused.stderr
        assert "Kefir cannot start: the requirements could not be installed" in refused.stderr

    def test_says_that_there_is_no_python(self, checkout: Path, tmp_path: Path):
        bare = shutil.copytree(checkout, tmp_path / "bare", ignore=shutil.ignore_patterns(".venv"))
        refused = call(bare, PATH=path_with(tmp_path / "bin", "sh", "dirname", "cat", "cksum"))
        assert refused.returncode == 1
        assert refused.stderr.startswith("Kefir cannot start: it needs Python 3.11 or newer")
        assert refused.stderr.count("\n") == 1

    def test_says_how_to_get_the_venv_module(self, checkout: Path, tmp_path: Path):
        bare = shutil.copytree(checkout, tmp_path / "bare", ignore=shutil.ignore_patterns(".venv"))
        path = path_with(tmp_path / "bin", "sh", "dirname", "cat", "cksum")
        lacking = f'case "$*" in *ensurepip*) exit 1 ;; *) exec {sys.executable} "$@" ;; esac'
        program(tmp_path / "bin" / "python3", lacking)
        refused = call(bare, PATH=path)
        assert refused.returncode == 1
        assert re.search(r"no venv module.*sudo apt install python3\.\d+-venv", refused.stderr)


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


class TestTest:
    @pytest.fixture(autouse=True)
    def _stand_in_for_pytest(self, checkout: Path) -> None:
        (checkout / "pytest.py").write_text("import os, sys; print(sys.argv[1:], os.environ.get('CHROMIUM'))")

    def test_passes_arguments_on(self, checkout: Path):
        called = call(checkout, "./test", CHROMIUM="/bin/true")
        assert called.stdout.endswith("[] /bin/true\n"), called.stderr

    def test_installs_chromium_where_it_may(self, checkout: Path, tmp_path: Path):
        path = self._without_chromium(tmp_path)
        chromium = f"{path}/chromium"
        program(tmp_path / "bin" / "id", "echo 0")
        program(tmp_path / "bin" / "env", 'shift; exec "$@"')
        program(
            tmp_path / "bin" / "apt-get",
            f'case "$*" in *install*--no-install-recommends*chromium) : > {chromium}; chmod +x {chromium} ;; esac',
        )
        program(tmp_path / "bin" / "chmod", f'exec {shutil.which("chmod")} "$@"')
        called = call(checkout, "./test", PATH=path)
        assert called.stdout.endswith(f"[] {chromium}\n"), called.stderr

    def test_skips_the_browser_where_there_is_none(self, checkout: Path, tmp_path: Path):
        called = call(checkout, "./test", PATH=self._without_chromium(tmp_path))
        assert "There is no Chromium, so the browser tests are skipped" in called.stdout
        assert called.returncode == 0

    def test_skips_nothing_in_ci(self, checkout: Path, tmp_path: Path):
        refused = call(checkout, "./test", PATH=self._without_chromium(tmp_path), CI="true")
        assert refused.returncode == 1
        assert "in CI none may be skipped" in refused.stderr

    def test_skips_no_strict_server_in_ci(self, checkout: Path, tmp_path: Path):
        path = self._without_chromium(tmp_path)
        refused = call(checkout, "./test", PATH=path, CI="true", CHROMIUM=shutil.which("true"))
        assert refused.returncode == 1
        assert "the strictest S3 tests need Ceph" in refused.stderr

    def test_says_so_where_there_is_no_strict_server(self, checkout: Path, tmp_path: Path):
        called = call(checkout, "./test", PATH=self._without_chromium(tmp_path))
        assert "There is no Ceph" in called.stdout
        assert called.returncode == 0

    def _without_chromium(self, tmp_path: Path) -> str:
        return path_with(tmp_path / "bin", "sh", "dirname", "cat", "cksum")
