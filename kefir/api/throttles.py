"""The limits of design: reads and writes per person, public pages per address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from kefir import limits

if TYPE_CHECKING:
    # DRF imports this module while it makes that class.
    from rest_framework.views import APIView

SAFE = {"GET", "HEAD", "OPTIONS"}


class Throttle(BaseThrottle):
    name = ""
    limits = ""

    def applies_to(self, request: Request) -> bool:
        return True

    def allow_request(self, request: Request, view: APIView) -> bool:
        if not self.applies_to(request):
            return True
        # Signing in, which is no courtesy, closes when nobody can count.
        self.seconds = limits.courtesy(self.name, self.limits, who(request))
        return self.seconds == 0

    def wait(self) -> float:
        return self.seconds


class Reads(Throttle):
    name = "reads"
    limits = "1000/second"

    def applies_to(self, request: Request) -> bool:
        return request.method in SAFE and request.user.is_authenticated


class Writes(Throttle):
    name = "writes"
    limits = limits.WRITES

    def applies_to(self, request: Request) -> bool:
        return request.method not in SAFE and request.user.is_authenticated


class PublicPages(Throttle):
    name = "public"
    limits = limits.PUBLIC_PAGES


def who(request: Request) -> str:
    return (
        str(request.user.pk)
        if request.user.is_authenticated
        else limits.of_address(request.META["REMOTE_ADDR"])
    )
