"""What the pages of accounts share: who may come in just now, where they go on to, and what a refusal looks like."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from allauth.account.utils import get_next_redirect_url
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from accounts import flows, mail
from accounts.models import OnlyWhenKept
from accounts.requests import SignedInRequest
from kefir import limits
from kefir.web import status_of, submit

Result = TypeVar("Result")
Page = Callable[..., HttpResponse]

# Of an app above, where somebody who only tries it gives their address.
KEEP = "takeout:keep"
NOT_NOW = _("Signing in does not work just now. Try again in a minute.")


def fresh(page: Page) -> Page:
    """The page wants somebody who has proved who they are within the last quarter of an hour."""

    @wraps(page)
    @login_required
    def asked_again(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.demo_until is not None:
            messages.info(request, str(OnlyWhenKept().messages[0]))
            return redirect(KEEP)
        if flows.is_fresh(request, now=timezone.now()):
            return page(request, *args, **kwargs)
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.get_full_path()})}")

    return asked_again


def or_not_now(page: Page) -> Page:
    """allauth keeps its limits and used codes in Redis. Without it such a page stays shut, and says so."""

    @wraps(page)
    def kindly(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return page(request, *args, **kwargs)
        except RedisError:
            messages.error(request, NOT_NOW)
            return TemplateResponse(
                request, "accounts/not_now.html", status=503, headers={"Retry-After": "60"}
            )

    return kindly


def goal_of(request: HttpRequest) -> str:
    """Where to go on, if that is on this site; else the first page."""
    goal = get_next_redirect_url(request) or ""
    # A word without a slash would be taken for the name of a view.
    return goal if goal.startswith("/") else reverse("home")


def tried(form: forms.BaseForm, verb: Callable[..., Result], **context: Any) -> Result | None:
    """As submit, and what stops a sign-in is said on the form too."""
    try:
        return submit(form, verb, **context)
    except limits.TooOften as refusal:
        stop(form, str(refusal), status=429, retry_after=refusal.seconds)
    except (limits.Unavailable, mail.MailNotSent):
        stop(form, str(NOT_NOW), status=503, retry_after=60)
    return None


def stop(form: forms.BaseForm, sentence: str, *, status: int, retry_after: int) -> None:
    form.add_error(None, sentence)
    form.stopped = (status, {"Retry-After": str(retry_after)})  # type: ignore[attr-defined]


def shown(request: HttpRequest, template: str, form: forms.BaseForm, **context: Any) -> HttpResponse:
    status, headers = getattr(form, "stopped", (status_of(form), {}))
    return TemplateResponse(request, template, {"form": form, **context}, status=status, headers=headers)
