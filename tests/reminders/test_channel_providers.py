"""Mail through a provider's API, against a server that answers as Postmark does."""

import json

import pytest

from reminders.channels import SET_UP_WRONGLY, Address, Failed, Later, Sent, Unknown, email
from tests.factories import NOON
from tests.fakes.http import CUT, Reply, Server
from tests.reminders.messages import make_message

JSON = {"Content-Type": "application/json"}


class Postmark:
    def __init__(self):
        self.mode, self.mails = "ok", []

    def answer(self, request):
        match self.mode:
            case "cut":
                return CUT
            case "inactive":
                text = "Found inactive addresses: alice@example.com.\n Inactive recipients are ones that …"
                said = {"ErrorCode": 406, "Message": text}
                return Reply(422, json.dumps(said).encode(), JSON)
            case status if status != "ok":
                return Reply(int(status), b'{"ErrorCode": 1, "Message": "no"}', JSON)
        mail = json.loads(request.body)
        self.mails.append(mail)
        said = {
            "To": mail["To"],
            "SubmittedAt": "2026-03-01T12:00:00Z",
            "MessageID": "1",
            "ErrorCode": 0,
            "Message": "OK",
        }
        return Reply(200, json.dumps(said).encode(), JSON)


@pytest.fixture
def provider(settings):
    postmark = Postmark()
    with Server(postmark.answer) as server:
        settings.EMAIL_PROVIDER, settings.EMAIL_BACKEND = "postmark", "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = {
            "POSTMARK_SERVER_TOKEN": "t",
            "POSTMARK_API_URL": f"http://127.0.0.1:{server.port}/",
            "REQUESTS_TIMEOUT": (1, 1),
        }
        postmark.server = server
        yield postmark


def send(**other):
    message = make_message(address=Address("email", "email", "alice@example.com"), **other)
    return email.send([message], now=NOON)


class TestProvider:
    def test_takes_the_mail_as_it_is(self, provider):
        assert send(unsubscribe_link="https://kefir.example/unsubscribe/t") == [Sent()]
        [mail] = provider.mails
        headers = {one["Name"]: one["Value"] for one in mail["Headers"]}
        assert (mail["To"], mail["Subject"]) == ("alice@example.com", "Lemon jar: Taste it")
        assert headers["Message-ID"] == f"<reminder-{make_message().identity}@testserver>"
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_that_refuses_the_address_retires_it(self, provider):
        provider.mode = "inactive"
        assert send() == [Failed("The mail provider refuses the address.", retires=True)]

    @pytest.mark.parametrize("status", ["429", "500", "503"])
    def test_in_trouble_is_asked_again(self, provider, status):
        provider.mode = status
        assert send() == [Later(f"The mail provider answered {status}.")]

    def test_that_does_not_know_our_key_is_the_operators_to_mend(self, provider, caplog):
        provider.mode = "401"
        assert send() == [Later(f"{SET_UP_WRONGLY} the mail provider answered 401.")]
        assert "401" in caplog.text

    def test_that_refuses_the_mail_is_final(self, provider):
        provider.mode = "400"
        assert send() == [Failed("The mail provider answered 400.")]

    @pytest.mark.parametrize("mode", ["504", "cut"])
    def test_that_leaves_it_open_allows_one_more_try(self, provider, mode):
        provider.mode = mode
        assert send()[0].uncertain
        assert isinstance(send(uncertain=True)[0], Unknown)

    def test_that_is_not_there_is_certain(self, provider):
        provider.server.__exit__()
        [told] = send()
        assert (type(told), told.uncertain) == (Later, False)
