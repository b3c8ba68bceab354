import socket
from pathlib import Path

import pytest

from kefir.local import postgres
from tests.local.instances import ELSEWHERE, launched, refusal
from tests.local.users import ordinary_user


class TestRefusals:
    @pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
    def test_says_that_the_port_is_taken(self, root: Path, host: str, family: socket.AddressFamily):
        with socket.create_server((host, 0), family=family) as taken:
            port = str(taken.getsockname()[1])
            with launched(root, environment={"PORT": port}, fresh=True) as instance:
                assert f"port {port} is taken" in refusal(instance)
        assert not (root / "var" / "postgres").exists()

    @pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
    def test_says_what_a_port_is(self, root: Path, port: str):
        with launched(root, environment={"PORT": port}, fresh=True) as instance:
            assert "PORT must be a number" in refusal(instance)

    def test_says_that_the_data_is_of_another_postgresql(self, root: Path):
        data = root / "var" / "postgres"
        data.mkdir(parents=True)
        (data / "PG_VERSION").write_text("15\n", encoding="utf-8")
        with launched(root) as instance:
            line = refusal(instance)
        assert "made by PostgreSQL 15" in line
        assert postgres.major_version(postgres.programs()) in line

    def test_says_that_the_data_folder_is_a_file(self, root: Path):
        (root / "file").touch()
        with launched(root, data=root / "file", fresh=True) as instance:
            assert f"{root / 'file'} is not a folder" in refusal(instance)

    def test_says_that_the_data_folder_cannot_be_written_to(self, root: Path):
        closed = root / "closed"
        closed.mkdir(mode=0o555)
        with launched(root, data=closed, fresh=True, **ordinary_user(root)) as instance:
            assert "cannot be written to (Permission denied)" in refusal(instance)

    def test_says_that_the_data_folder_cannot_be_made(self, root: Path):
        closed = root / "closed"
        closed.mkdir(mode=0o555)
        with launched(root, data=closed / "new", fresh=True, **ordinary_user(root)) as instance:
            assert "cannot be made (Permission denied)" in refusal(instance)

    def test_says_that_another_instance_has_the_folder(self, root: Path):
        with launched(root, environment=ELSEWHERE) as first:
            first.wait_for()
            with launched(root, environment=ELSEWHERE) as second:
                assert f"another Kefir runs on {root / 'var'}" in refusal(second)
            assert first.process.poll() is None

    def test_says_that_there_is_no_procfile(self, root: Path):
        with launched(root, procfile=None, fresh=True) as instance:
            assert f"no Procfile in {root}" in refusal(instance)
