"""What leaves the house, and where it can never be made to go."""

import gzip
import threading

import pytest

from hooks import transport
from hooks.addresses import target
from hooks.transport import Forbidden, NotDelivered, post
from tests.fakes.http import CUT, DRIP, HANG, Reply
from tests.hooks.sink import HOST, PUBLIC, URL

INSIDE = "127.0.0.1"


def send(url=URL, body=b"{}", **headers):
    return post(target(url), body=body, headers=headers)


def fails(url=URL):
    with pytest.raises(NotDelivered) as failure:
        send(url)
    return str(failure.value)


class TestPost:
    def test_brings_body_and_headers_to_the_path(self, sink):
        answer = send(body="„süß“".encode(), **{"Kefir-Delivery": "7"})
        [request] = sink.received
        assert (request.path, request.body.decode()) == ("/kefir?from=here", "„süß“")
        assert (request.headers["Host"], request.headers["Kefir-Delivery"]) == (HOST, "7")
        assert (answer.status, answer.body) == (200, b"thanks")

    def test_goes_to_the_address_that_was_looked_at(self, sink):
        send()
        assert (sink.names.asked, sink.connected) == ([HOST], [(PUBLIC, 443)])

    def test_takes_the_next_address_when_one_is_away(self, sink):
        sink.names.answers[HOST] = [["93.184.216.1", PUBLIC]]
        sink.closed = {"93.184.216.1"}
        assert send().status == 200
        assert [address for address, _ in sink.connected] == ["93.184.216.1", PUBLIC]

    def test_asks_no_proxy(self, sink, monkeypatch):
        for name in ("https_proxy", "HTTPS_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        assert send().status == 200


class TestNames:
    def test_that_lead_inside_are_not_called(self, sink):
        for inside in (
            INSIDE,
            "169.254.169.254",
            "100.100.100.200",
            "::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
        ):
            sink.names.answers[HOST] = [[inside]]
            with pytest.raises(Forbidden):
                send()
        assert sink.connected == []

    def test_with_one_address_inside_among_others_are_not_called_at_all(self, sink):
        for addresses in ([PUBLIC, INSIDE], [INSIDE, PUBLIC], [*[PUBLIC] * 9, INSIDE]):
            sink.names.answers[HOST] = [addresses]
            with pytest.raises(Forbidden):
                send()
        assert sink.connected == []

    def test_are_not_looked_up_again_for_the_connection(self, sink):
        """Rebinding: public when it is looked at, loopback a moment later."""
        sink.names.answers[HOST] = [[PUBLIC], [INSIDE]]
        assert send().status == 200
        assert sink.connected == [(PUBLIC, 443)]
        with pytest.raises(Forbidden):
            send()
        assert sink.connected == [(PUBLIC, 443)]

    def test_that_nobody_knows_are_said_to_be_so(self, sink):
        assert fails("https://elsewhere.example.org/") == "Its name is not known."

    def test_that_take_long_to_look_up_are_left(self, sink, monkeypatch):
        over = threading.Event()
        monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.05)
        monkeypatch.setattr(transport, "getaddrinfo", lambda *_, **__: over.wait(5) and [])
        assert fails() == "Its name could not be looked up in time."
        over.set()


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize("to", ["https://inside.example.org/", "http://169.254.169.254/", "/elsewhere"])
    def test_are_not_followed(self, sink, status, to):
        sink.names.answers["inside.example.org"] = [[INSIDE]]
        sink.replies = [Reply(status, headers={"Location": to})]
        assert send().status == status
        assert (sink.names.asked, sink.connected, len(sink.received)) == ([HOST], [(PUBLIC, 443)], 1)


class TestCertificates:
    def test_must_be_for_the_name(self, sink):
        sink.names.answers["other.example.org"] = [[PUBLIC]]
        assert fails("https://other.example.org/") == "Its certificate is not believed."
        assert sink.received == []

    def test_must_come_from_somebody_who_is_believed(self, sink, monkeypatch):
        monkeypatch.setattr(transport, "believed", transport.ssl.create_default_context)
        assert fails() == "Its certificate is not believed."
        assert sink.received == []


class TestAnswers:
    def test_are_read_for_four_kilobytes_at_most(self, sink):
        sink.replies = [Reply(200, b"x" * 10_000_000)]
        assert len(send().body) == transport.MOST_BYTES

    def test_are_not_unpacked(self, sink):
        bomb = gzip.compress(b"0" * 1_000_000)
        sink.replies = [Reply(200, bomb, headers={"Content-Encoding": "gzip"})]
        assert send().body == bomb[: transport.MOST_BYTES]

    def test_that_never_come_are_not_waited_for(self, sink, monkeypatch):
        monkeypatch.setattr(transport, "TOTAL_SECONDS", 0.3)
        sink.replies = [HANG]
        assert fails() == "It did not answer in time."

    def test_that_come_drop_by_drop_end_in_time_all_the_same(self, sink, monkeypatch):
        """Each byte would begin a socket's own time-out anew, so that without ours this would never end."""
        monkeypatch.setattr(transport, "TOTAL_SECONDS", 0.5)
        sink.replies = [DRIP]
        assert fails() == "It did not answer in time."

    def test_that_break_off_are_failures(self, sink):
        sink.replies = [CUT]
        assert fails() == "It broke off without an answer that makes sense."

    def test_nobody_there_is_a_failure(self, sink):
        sink.closed = {PUBLIC}
        assert fails() == "It cannot be reached."
