"""What is decided before anything is started."""

import socket
import time
from pathlib import Path

import pytest

from kefir.local import procfile, variables
from kefir.local.folder import Folder
from kefir.local.s3 import S3
from kefir.local.supervisor import embedded


class TestProcfile:
    def test_names_the_processes_in_their_order(self):
        text = "# all of it\nweb: serve --port $PORT\n\nworker-2:  work: hard \nnot a process\n"
        assert list(procfile.parse(text).items()) == [
            ("web", "serve --port $PORT"),
            ("worker-2", "work: hard"),
        ]

    def test_of_kefir_runs_one_beat_and_migrates_first(self):
        commands = procfile.parse(Path("Procfile").read_text(encoding="utf-8"))
        assert list(commands) == ["release", "web", "live", "worker", "jobs", "beat"]


class TestVariables:
    @pytest.mark.parametrize("given", [{"A": "x"}, {"A_FILE": "/run/secrets/a"}])
    def test_are_not_overridden(self, given: dict[str, str]):
        environment = dict(given)
        variables.fill(environment, {"A": "other"})
        assert environment == given

    @pytest.mark.parametrize("given", [{}, {"A": ""}, {"A": "  "}])
    def test_are_filled_in_when_they_say_nothing(self, given: dict[str, str]):
        variables.fill(given, {"A": "default"})
        assert given == {"A": "default"}


class TestLiveProcess:
    def test_is_found_at_a_port_of_its_own(self):
        found = variables.live({})
        assert found["LIVE_URL"] == f"http://localhost:{found['LIVE_PORT']}"

    def test_stays_where_it_was_told(self):
        assert variables.live({"LIVE_PORT": "9123"})["LIVE_URL"] == "http://localhost:9123"

    def test_is_behind_the_proxy_that_leads_to_the_site(self):
        assert variables.live({"SITE_URL": "https://kefir.example", "LIVE_PORT": "9123"}) == {
            "LIVE_PORT": "9123"
        }


class TestAddressOfS3:
    @pytest.fixture
    def folder(self, tmp_path: Path):
        folder = Folder.open(tmp_path / "data")
        yield folder
        folder.close()

    def port(self, folder: Folder) -> int:
        server = S3(folder, time.sleep)
        server.prepare()
        return server.port

    def test_is_the_same_at_the_next_start(self, folder: Folder):
        assert self.port(folder) == self.port(folder)

    def test_is_another_where_somebody_has_taken_it(self, folder: Folder):
        taken = self.port(folder)
        with socket.create_server(("127.0.0.1", taken)):
            other = self.port(folder)
        assert other != taken
        assert self.port(folder) == other

    @pytest.mark.parametrize("nonsense", ["", "port", "0", "99999", "²"])
    def test_is_a_new_one_where_it_was_spoilt(self, folder: Folder, nonsense: str):
        (folder.path / "s3.port").write_text(nonsense)
        assert 0 < self.port(folder) < 65_536


class TestEmbedded:
    @pytest.fixture
    def folder(self, tmp_path: Path):
        folder = Folder.open(tmp_path)
        yield folder
        folder.close()

    @pytest.mark.parametrize(
        ("given", "started"),
        [
            ({}, ["postgres", "valkey", "s3"]),
            ({"DATABASE_URL": "postgresql://elsewhere/kefir"}, ["valkey", "s3"]),
            ({"REDIS_URL_FILE": "/run/secrets/redis"}, ["postgres", "s3"]),
            ({"S3_ENDPOINT_URL": "https://s3.example"}, ["postgres", "valkey"]),
            ({"S3_BUCKET": "at-amazon"}, ["postgres", "valkey"]),
        ],
    )
    def test_is_what_no_other_was_named_for(self, folder: Folder, given: dict[str, str], started: list[str]):
        assert [service.name for service in embedded(given, folder, lambda seconds: None)] == started


class TestFolder:
    def test_keeps_a_secret_from_the_first_time_on(self, tmp_path: Path):
        folder = Folder.open(tmp_path)
        first = folder.secret("JWT_KEY")
        assert len(first) > 50
        assert folder.secret("JWT_KEY") == first != folder.secret("SECRET_KEY")
        folder.close()

    def test_does_not_let_a_log_grow_for_ever(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("kefir.local.folder.LONGEST_LOG", 10)
        folder = Folder.open(tmp_path)
        for line in (b"eleven bytes", b"next"):
            with folder.log("valkey") as log:
                log.write(line)
        folder.close()
        assert (tmp_path / "valkey.log").read_bytes() == b"next"
        assert (tmp_path / "valkey.log.1").read_bytes() == b"eleven bytes"
