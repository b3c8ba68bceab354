import pytest
from django.core.mail import EmailMultiAlternatives

from kefir import dev_mail


@pytest.fixture(autouse=True)
def _kept_here(settings, tmp_path):
    settings.EMAIL_BACKEND = "kefir.dev_mail.Backend"
    settings.DEV_MAIL_DIR = tmp_path / "mail"


def send(subject="Your code", text="    123456"):
    mail = EmailMultiAlternatives(
        subject, text, to=["Alice <alice@example.com>"], headers={"Message-ID": "<1@x>"}
    )
    mail.attach_alternative("<p>123456</p>", "text/html")
    assert mail.send() == 1


class TestKeptMail:
    def test_is_there_with_all_that_was_sent(self, client, db):
        send()
        [mail] = client.get("/dev/mail.json").json()
        assert (mail["to"], mail["subject"]) == (["alice@example.com"], "Your code")
        assert (mail["text"], mail["html"]) == ("    123456", "<p>123456</p>")
        assert mail["headers"]["Message-ID"] == "<1@x>"
        assert mail["sentAt"].endswith("Z")

    def test_comes_newest_first(self, client, db):
        send("First")
        send("Second")
        assert [mail["subject"] for mail in client.get("/dev/mail.json").json()] == ["Second", "First"]
        page = client.get("/dev/mail/").content.decode()
        assert page.index("Second") < page.index("First")

    def test_is_shown_as_words_not_as_a_page(self, client, db):
        send("<b>Bold</b>", "<script>alert(1)</script>")
        page = client.get("/dev/mail/").content.decode()
        assert "&lt;b&gt;Bold" in page
        assert "<script>alert" not in page

    def test_gives_way_when_there_is_too_much(self, monkeypatch):
        monkeypatch.setattr(dev_mail, "KEPT", 2)
        for subject in ("1", "2", "3"):
            send(subject)
        assert [mail["subject"] for mail in dev_mail.kept()] == ["3", "2"]

    @pytest.mark.parametrize("path", ["/dev/mail/", "/dev/mail.json"])
    def test_is_not_there_outside_local_mode(self, client, settings, db, path):
        settings.LOCAL = False
        assert client.get(path).status_code == 404
