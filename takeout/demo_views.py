"""The doors of who only tries it: begin, prove an address to keep it, choose what stays."""

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions as accounts
from accounts import demos as accounts_demos
from accounts import flows
from accounts.doors import shown, tried
from accounts.forms import CodeForm, GuessesForm
from accounts.models import User
from accounts.requests import SignedInRequest
from kefir import limits
from kefir.web import too_often
from takeout import demos
from takeout.forms import ChoiceForm, KeepForm

PER_CLIENT = "10/hour;30/day"
# Which trial whoever sits there has just proved to be theirs, until they have said what of it shall stay.
TRIAL = "trial"
NOBODY = UUID(int=0)


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("home")
    if settings.REGISTRATION != "open":
        raise Http404
    client = limits.of_address(flows.client_of(request))
    if seconds := limits.courtesy("demos", PER_CLIENT, client):
        return too_often(
            request, seconds, _("You have tried it often. Wait a little, or start with your own.")
        )
    form = GuessesForm(request.POST)
    form.is_valid()
    # The form's own secret is the key, so that a double click opens one trial and not two.
    get_token(request)
    try:
        key = request.META["CSRF_COOKIE"]
        user = demos.begin(key=key, guesses=form.cleaned_data, now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("home")
    get_adapter(request).login(request, user)
    return redirect("home")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: SignedInRequest) -> HttpResponse:
    if request.user.demo_until is None:
        return redirect("home")
    form = KeepForm(request.POST or None)
    if tried(form, mail_code, request=request):
        return redirect("takeout:keep-code")
    return shown(request, "takeout/keep.html", form)


def mail_code(*, request: SignedInRequest, email: str) -> str:
    token = flows.mail_sign_in_code(email=email, client=flows.client_of(request), now=timezone.now())
    request.session["keep"] = {"token": token, "email": email}
    return token


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def keep_code(request: SignedInRequest) -> HttpResponse:
    pending = request.session.get("keep")
    if request.user.demo_until is None or not pending:
        return redirect("takeout:keep")
    form = CodeForm(request.POST or None)
    client = flows.client_of(request)
    user = tried(form, proved, demo=request.user, client=client, now=timezone.now(), **pending)
    if user is None:
        return shown(request, "takeout/keep_code.html", form, email=pending["email"])
    return signed_in_as(request, user, trial=request.user)


def proved(*, demo: User, token: str, email: str, code: str, **context: Any) -> User:
    """Whose the address is: the trial itself from now on, or the account that has it already."""
    flows.prove_address(token=token, email=email, code=code, **context)
    try:
        return accounts_demos.keep(user=demo, email=email, now=context["now"])
    except accounts.AddressTaken:
        return accounts.account_of(email=email, now=context["now"])


def signed_in_as(request: SignedInRequest, user: User, *, trial: User) -> HttpResponse:
    """Out of the trial and in again; an account that wants a second step asks for it."""
    get_adapter(request).logout(request)
    request.session[TRIAL] = str(trial.pk)
    response: HttpResponse = perform_login(
        request, user, redirect_url=reverse("takeout:choose"), email=user.email
    )
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: SignedInRequest) -> HttpResponse:
    """What of the trial shall stay. Its id stands in the session since its keeper proved the address."""
    trial = User.objects.filter(pk=request.session.get(TRIAL) or NOBODY).first()
    if trial is None:
        return redirect("home")
    form = ChoiceForm(request.POST or None)
    if tried(form, settle, trial=trial, user=request.user):
        del request.session[TRIAL]
        messages.success(request, _("It is yours now."))
        return redirect("home" if request.user.welcomed_at else "batches:kitchen")
    is_other = trial.pk != request.user.pk
    return shown(request, "takeout/choose.html", form, is_other=is_other)


def settle(*, trial: User, user: User, keep: str) -> bool:
    wanted = demos.Keep(keep)
    if trial.pk == user.pk:
        demos.clear(user=user, keep=wanted)
    else:
        demos.bring_along(demo=trial, user=user, keep=wanted, now=timezone.now())
    return True
