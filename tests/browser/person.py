"""What a person does at the screen, in words a test can be read by."""

import json
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Page, expect


class Person:
    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site

    def goes_to(self, path: str) -> None:
        self.page.goto(self.site + path)

    def presses(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def follows(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def fills(self, label: str, text: str) -> None:
        # A label may go on: “if you like”.
        self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}")).first.fill(text)

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def signs_in(self, email: str) -> None:
        self.goes_to("/accounts/login/")
        self.fills("Your e-mail address", email)
        self.presses("Mail me a code")
        mail = self.newest_mail_to(email)
        # The sixth digit sends the form.
        self.fills("The six digits", re.findall(r"\b\d{6}\b", mail["text"])[0])
        self.page.wait_for_url(lambda url: "/accounts/" not in url)
        if "/settings/kitchen/" in self.page.url:
            self.presses("Not now")
        self.page.wait_for_url(self.site + "/")

    def mails_to(self, email: str) -> list[dict[str, Any]]:
        with urlopen(f"{self.site}/dev/mail.json") as answer:
            return [mail for mail in json.load(answer) if email in mail["to"]]

    def newest_mail_to(self, email: str) -> dict[str, Any]:
        return self.mails_to(email)[0]

    def waits_for_mail(self, email: str, subject: str, *, until: datetime) -> dict[str, Any]:
        while datetime.now(UTC) < until:
            for mail in self.mails_to(email):
                if subject in mail["subject"]:
                    return mail
            time.sleep(0.25)
        raise AssertionError(f"no mail about “{subject}” by {until:%H:%M:%S}")


def next_full_minute(*, at_least: timedelta) -> datetime:
    """People type minutes; the next one that leaves enough time to type it."""
    return (datetime.now(UTC) + at_least + timedelta(minutes=1)).replace(second=0, microsecond=0)
