"""Reminders by e-mail, against a mail server."""

import logging
import time

import pytest
from django.core import mail as outgoing

from reminders.channels import SET_UP_WRONGLY, Address, Failed, Later, Sent, Unknown, email
from reminders.channels.email import written
from tests.factories import NOON
from tests.fakes.smtp import MailServer
from tests.reminders.messages import make_message

UNSUBSCRIBE = "https://kefir.example/unsubscribe/token"


@pytest.fixture
def server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 0.3
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    with MailServer() as server:
        settings.EMAIL_PORT = server.port
        yield server


def to(address="alice@example.com", number=1, **other):
    return make_message(number, address=Address("email", "email", address), **other)


def crowd(count):
    return [to(f"keeper{number}@example.com", number) for number in range(1, count + 1)]


def send(*messages):
    return email.send(messages, now=NOON)


class TestMail:
    def test_arrives_as_text_and_as_a_page(self, server):
        assert send(to(why="It tastes best now.", lines=("Burp the bottles",))) == [Sent()]
        [mail] = server.mails
        assert (mail["To"], mail["Subject"]) == ("alice@example.com", "Lemon jar: Taste it")
        for kind in ("plain", "html"):
            text = mail.get_body((kind,)).get_content()
            assert "http://testserver/r/the-token" in text
            assert "Burp the bottles" in text
            assert "It tastes best now." in text
            assert "Sunday 1 March, 13:00" in text

    def test_of_one_round_has_one_identity(self, server):
        send(to(), to(uncertain=True))
        assert {mail["Message-ID"] for mail in server.mails} == {f"<reminder-{to().identity}@testserver>"}

    def test_can_be_ended_from_the_mail_program(self, server):
        send(to(unsubscribe_link=UNSUBSCRIBE))
        [mail] = server.mails
        assert mail["List-Unsubscribe"] == f"<{UNSUBSCRIBE}>"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert UNSUBSCRIBE in mail.get_body(("plain",)).get_content()

    def test_is_answered_by_no_machine(self, server):
        send(to())
        assert server.mails[0]["Auto-Submitted"] == "auto-generated"

    def test_says_what_somebody_wrote_and_no_more(self):
        html = written(to(title="<b>Jar</b>", body="“Taste” & see")).alternatives[0].content
        assert "&lt;b&gt;Jar&lt;/b&gt;" in html
        assert "“Taste” &amp; see" in html

    def test_has_no_line_break_in_its_subject(self):
        assert (
            written(to(title="Jar\r\nBcc: eve@example.com")).subject == "Jar Bcc: eve@example.com: Taste it"
        )


class TestConnection:
    def test_is_one_for_many(self, server):
        assert send(*crowd(20)) == [Sent()] * 20
        assert (len(server.mails), server.connections) == (20, 1)

    def test_is_opened_anew_when_the_server_has_had_enough(self, server):
        server.per_connection = 3
        assert send(*crowd(8)) == [Sent()] * 8
        assert (len(server.mails), server.connections) == (8, 3)

    @pytest.mark.parametrize("mode", ["silent", "hang", "cut", "busy"])
    def test_that_does_not_come_about_is_tried_once_for_all(self, server, mode):
        server.mode = mode
        began = time.monotonic()
        outcomes = send(*crowd(10))
        assert {(type(told), told.uncertain) for told in outcomes} == {(Later, False)}
        assert time.monotonic() - began < 1
        assert server.connections == 1

    def test_that_is_lost_after_the_mail_leaves_it_open(self, server):
        server.mode = "lost"
        first, second = send(*crowd(2))
        assert (first.uncertain, second.uncertain) == (True, False)
        assert isinstance(send(to(uncertain=True))[0], Unknown)

    def test_with_nobody_there_is_certain(self, server):
        server.__exit__()
        [told] = send(to())
        assert (type(told), told.uncertain) == (Later, False)


class TestRefusal:
    @pytest.mark.parametrize(
        "said", ["550 5.1.1 no such user", "550 no such user", "553 5.1.3 what?", "550 5.2.1 closed"]
    )
    def test_of_an_address_that_does_not_work_retires_it(self, server, said):
        server.refuses["alice@example.com"] = said
        assert send(to()) == [Failed(f"The address was refused ({said[:3]}).", retires=True)]

    @pytest.mark.parametrize("said", ["550 5.7.1 we do not like you", "554 no"])
    def test_of_ourselves_retires_nobody(self, server, said):
        server.refuses["alice@example.com"] = said
        assert send(to()) == [Failed(f"The address was refused ({said[:3]}).")]

    @pytest.mark.parametrize("said", ["450 4.7.1 greylisted", "552 mailbox full", "552 5.2.2 mailbox full"])
    def test_for_now_is_tried_again(self, server, said):
        server.refuses["alice@example.com"] = said
        assert send(to()) == [Later(f"The address was refused ({said[:3]}).")]

    def test_of_one_does_not_hold_up_the_others(self, server):
        server.refuses["keeper2@example.com"] = "550 5.1.1 no such user"
        assert [type(told) for told in send(*crowd(3))] == [Sent, Failed, Sent]
        assert server.connections == 1

    @pytest.mark.parametrize(("mode", "outcome"), [("refuses_content", Failed), ("full", Later)])
    def test_of_a_mail_is_certain(self, server, mode, outcome):
        server.mode = mode
        [told] = send(to())
        assert (type(told), getattr(told, "uncertain", False)) == (outcome, False)

    def test_that_nobody_understands_leaves_it_open(self, server):
        server.mode = "odd"
        assert send(to())[0].uncertain

    def test_of_the_sender_alarms_the_operator(self, server, caplog):
        server.mode = "refuses_sender"
        assert send(*crowd(2)) == [Later(f"{SET_UP_WRONGLY} the mail server refuses us (550).")] * 2
        assert [record.levelno for record in caplog.records] == [logging.ERROR]

    def test_of_a_password_alarms_the_operator(self, server, settings, caplog):
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "kefir", "secret"
        [told] = send(to())
        assert told.reason.startswith(SET_UP_WRONGLY)

    def test_says_nothing_of_the_address(self, server, caplog):
        caplog.set_level(logging.DEBUG)
        server.refuses["alice@example.com"] = "550 5.1.1 <alice@example.com> is not here"
        assert "alice" not in repr(send(to())) + caplog.text


def test_works_with_what_keeps_mails_in_memory():
    assert send(to(), to()) == [Sent()] * 2
    assert len(outgoing.outbox) == 2
