"""The signature is a promise: these are its vectors, and what the docs tell others to run."""

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks import signatures
from tests.factories import NOON

DOCS = (Path(__file__).parents[2] / "docs/webhooks.md").read_text()
SECRET, OTHER = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_other"
MOMENT = 1_772_366_400
PING = re.search(r'^\{"id".*\}$', DOCS, re.MULTILINE)[0].encode()
VECTORS = {
    PING: "dc164c0e90e4ad8cdd9ec2ee4c5f93ed238f9a88900171e61cb7fd175f760761",
    '{"name":"Kefir für „Zoë“ 🫙"}'.encode(): "513d4c8ad65f4b89aeaaec6a53eb54de9d0c175452e8c89f26ed4fd73bf895d0",
    b"": "97fbbc53fa3922629da2ad507beb76c1bd5c5b1070fe1acef41125fd30fe3726",
}
AT_ONE = pytest.mark.parametrize(
    ("body", "header", "now", "is_ours"),
    [
        (PING, f"t={MOMENT},v1={VECTORS[PING]}", MOMENT, True),
        (PING, f"t={MOMENT},v1={'0' * 64},v1={VECTORS[PING]}", MOMENT, True),
        (PING, f"t={MOMENT},v1={VECTORS[PING]}", MOMENT + 300, True),
        (PING, f"t={MOMENT},v1={VECTORS[PING]}", MOMENT + 301, False),
        (PING, f"t={MOMENT},v1={VECTORS[PING]}", MOMENT - 301, False),
        (PING, f"t={MOMENT + 1},v1={VECTORS[PING]}", MOMENT, False),
        (PING + b" ", f"t={MOMENT},v1={VECTORS[PING]}", MOMENT, False),
        (PING, f"t={MOMENT},v0={VECTORS[PING]}", MOMENT, False),
        (PING, f"v1={VECTORS[PING]}", MOMENT, False),
        (PING, f"t=,v1={VECTORS[PING]}", MOMENT, False),
        (PING, f"t=x,v1={VECTORS[PING]}", MOMENT, False),
        (PING, f"t={MOMENT},v1=zz", MOMENT, False),
        (PING, f"t={MOMENT},v1", MOMENT, False),
        (PING, "", MOMENT, False),
    ],
)


def snippet(language):
    return re.search(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)[1]


@pytest.fixture(scope="module")
def is_from_kefir():
    told: dict = {}
    exec(snippet("python"), told)
    return told["is_from_kefir"]


class TestHeader:
    @pytest.mark.parametrize(("body", "signature"), VECTORS.items())
    def test_is_what_it_was_promised_to_be(self, body, signature):
        assert NOON.timestamp() == MOMENT
        assert signatures.header(body, secrets=[SECRET], now=NOON) == f"t={MOMENT},v1={signature}"

    def test_has_one_for_each_secret(self):
        both = signatures.header(PING, secrets=[OTHER, SECRET], now=NOON)
        first, second = (signatures.sign(PING, secret=one, moment=MOMENT) for one in (OTHER, SECRET))
        assert both == f"t={MOMENT},v1={first},v1={second}"

    @given(st.binary(max_size=200), st.integers(0, 10**6))
    def test_satisfies_those_who_do_as_the_docs_say(self, is_from_kefir, body, seconds):
        now = NOON + timedelta(seconds=seconds)
        header = signatures.header(body, secrets=[OTHER, SECRET], now=now)
        assert is_from_kefir(body, header, SECRET, now=now.timestamp())
        assert not is_from_kefir(body + b"x", header, SECRET, now=now.timestamp())


class TestDocs:
    @AT_ONE
    def test_tell_python_the_truth(self, is_from_kefir, body, header, now, is_ours):
        assert is_from_kefir(body, header, SECRET, now=now) is is_ours

    @pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node")
    def test_tell_javascript_the_truth(self, tmp_path):
        cases = AT_ONE.args[1]
        asked = [[body.decode(), header, SECRET, {"now": now}] for body, header, now, _ in cases]
        (tmp_path / "kefir.mjs").write_text(
            snippet("js")
            + f"console.log(JSON.stringify({json.dumps(asked)}.map((one) => isFromKefir(...one))));"
        )
        told = subprocess.run(["node", tmp_path / "kefir.mjs"], capture_output=True, check=True, timeout=60)
        assert json.loads(told.stdout) == [is_ours for *_, is_ours in cases]

    def test_name_every_kind(self):
        from hooks.kinds import Kind

        named: set[str] = set()
        for row in re.findall(r"^\| (`.*?) \|", DOCS, re.MULTILINE):
            first, *others = re.findall(r"`([\w.]+)`", row)
            named |= {first, *(first.partition(".")[0] + other for other in others)}
        assert named == set(Kind.values)
