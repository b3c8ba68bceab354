"""The pages of signing in and of one's account."""

from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url, perform_login
from allauth.mfa import app_settings as second_steps
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings as configured
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access, actions, devices, flows, labels, once, switches
from accounts.doors import KEEP, fresh, goal_of, shown, tried
from accounts.forms import (
    AccessTokenForm,
    CodeForm,
    EraseForm,
    NewEmailForm,
    PauseForm,
    ProfileForm,
    SignInForm,
    SwitchesForm,
)
from accounts.models import AccessToken, Device, SignIn, User
from accounts.requests import SignedInRequest
from kefir.web import status_of, submit

# --- signing in ---------------------------------------------------------------------------------------------


def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(goal_of(request))
    form = SignInForm(request.POST or None)
    if tried(form, mail_code, request=request):
        return redirect("account_confirm_login_code")
    context = {"next": get_next_redirect_url(request) or "", "passkeys": second_steps.PASSKEY_LOGIN_ENABLED}
    return shown(request, "account/login.html", form, **context)


def mail_code(*, request: HttpRequest, email: str, **guesses: str) -> str:
    token = flows.mail_sign_in_code(email=email, client=flows.client_of(request), now=timezone.now())
    goal = get_next_redirect_url(request) or ""
    request.session["sign_in"] = {"token": token, "email": email, "next": goal, "guesses": guesses}
    # A stranger's session need not live longer than what is waiting in it.
    request.session.set_expiry(900)
    return token


def sign_in_code(request: HttpRequest) -> HttpResponse:
    pending = request.session.get("sign_in")
    if request.user.is_authenticated or not pending:
        return redirect("account_login")
    form = CodeForm(request.POST or None)
    user = tried(
        form,
        flows.prove_sign_in,
        token=pending["token"],
        email=pending["email"],
        client=flows.client_of(request),
        now=timezone.now(),
    )
    if user is None:
        return shown(request, "account/confirm_login_code.html", form, email=pending["email"])
    del request.session["sign_in"]
    actions.adopt_guesses(user=user, guesses=pending["guesses"])
    response: HttpResponse = perform_login(
        request, user, redirect_url=pending["next"] or None, email=user.email
    )
    return response


def sign_out(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return TemplateResponse(request, "account/logout.html")
    response = redirect(goal_of(request))
    if not request.user.is_authenticated:
        # Somebody gives up halfway, before the second step. What they wrote down here still waits for them.
        request.session.flush()
        return response
    get_adapter(request).logout(request)
    messages.success(request, _("You are signed out."))
    # What this browser keeps of the pages goes too; whoever comes next on it finds nothing.
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


# --- still you? ---------------------------------------------------------------------------------------------


@login_required
def still_you(request: SignedInRequest) -> HttpResponse:
    """Mails a code to the person's own address and takes it. Those with a second step use that."""
    if request.user.demo_until is not None:
        return redirect(KEEP)
    if methods := get_adapter(request).get_reauthentication_methods(request.user):
        return redirect(f"{methods[0]['url']}?{urlencode({'next': goal_of(request)})}")
    token = request.session.get("fresh")
    if token is None or "again" in request.POST:
        return mail_still_you(request)
    form = CodeForm(request.POST or None)
    if tried(form, prove_still_you, request=request, token=token):
        return redirect(goal_of(request))
    return shown(request, "account/reauthenticate.html", form, next=goal_of(request), sent=True)


def mail_still_you(request: SignedInRequest) -> HttpResponse:
    form = forms.Form(request.POST or None)
    user, client = request.user, flows.client_of(request)
    if token := tried(form, flows.mail_fresh_code, user=user, client=client, now=timezone.now()):
        request.session["fresh"] = token
        return redirect(request.get_full_path())
    return shown(request, "account/reauthenticate.html", form, next=goal_of(request), sent=False)


def prove_still_you(*, request: SignedInRequest, token: str, code: str) -> bool:
    client = flows.client_of(request)
    flows.prove_fresh(user=request.user, token=token, code=code, client=client, now=timezone.now())
    del request.session["fresh"]
    flows.mark_fresh(request)
    return True


# --- one's account ------------------------------------------------------------------------------------------


@login_required
def settings(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if submit(form, actions.edit_profile, user=request.user):
        messages.success(request, _("Saved."))
        return redirect("settings")
    return shown(request, "accounts/settings.html", form)


@fresh
def new_email(request: SignedInRequest) -> HttpResponse:
    form = NewEmailForm(request.POST or None)
    if tried(form, mail_new_email_code, request=request):
        return redirect("new-email-code")
    return shown(request, "accounts/new_email.html", form)


def mail_new_email_code(*, request: SignedInRequest, email: str) -> str:
    user, client = request.user, flows.client_of(request)
    token = flows.mail_new_address_code(user=user, email=email, client=client, now=timezone.now())
    request.session["new_email"] = {"token": token, "email": email}
    return token


@fresh
def new_email_code(request: SignedInRequest) -> HttpResponse:
    pending = request.session.get("new_email")
    if not pending:
        return redirect("account_email")
    form = CodeForm(request.POST or None)
    client, now = flows.client_of(request), timezone.now()
    if tried(form, flows.prove_new_address, user=request.user, client=client, now=now, **pending):
        del request.session["new_email"]
        messages.success(request, _("Your address is %(email)s now.") % {"email": pending["email"]})
        return redirect("settings")
    return shown(request, "accounts/new_email_code.html", form, email=pending["email"])


@login_required
def mend_email(request: SignedInRequest) -> HttpResponse:
    """Mail came back. A code that arrives proves that it comes through again."""
    token = request.session.get("mend_email")
    if token is None or "again" in request.POST:
        return mail_mending_code(request)
    form = CodeForm(request.POST or None)
    if tried(form, prove_email, request=request, token=token):
        messages.success(request, _("Mail to %(email)s arrives again.") % {"email": request.user.email})
        return redirect("reminder-settings")
    return shown(request, "accounts/mend_email.html", form, sent=True)


def mail_mending_code(request: SignedInRequest) -> HttpResponse:
    form = forms.Form(request.POST or None)
    user, client = request.user, flows.client_of(request)
    if token := tried(form, flows.mail_fresh_code, user=user, client=client, now=timezone.now()):
        request.session["mend_email"] = token
        return redirect("mend-email")
    return shown(request, "accounts/mend_email.html", form, sent=False)


def prove_email(*, request: SignedInRequest, token: str, code: str) -> bool:
    client = flows.client_of(request)
    flows.prove_fresh(user=request.user, token=token, code=code, client=client, now=timezone.now())
    devices.trust_email(user=request.user)
    del request.session["mend_email"]
    return True


@fresh
def erase(request: SignedInRequest) -> HttpResponse:
    form = EraseForm(request.POST or None)
    if not form.is_valid():
        return shown(request, "accounts/erase.html", form)
    flows.ask_to_erase(user=request.user, now=timezone.now())
    request.session.flush()
    messages.success(
        request, _("Your account will be erased in a day. Sign in again before then to keep it.")
    )
    return redirect("home")


@login_required
@require_POST
def keep_account(request: SignedInRequest) -> HttpResponse:
    actions.keep_account(user=request.user)
    messages.success(request, _("Your account stays, with everything in it."))
    return redirect("home")


# --- how reminders come -------------------------------------------------------------------------------------


@login_required
def reminder_settings(request: SignedInRequest) -> HttpResponse:
    form = SwitchesForm(request.POST or None, instance=request.user)
    if submit(form, switches.edit, user=request.user, now=timezone.now()):
        messages.success(request, _("Saved."))
        return redirect("reminder-settings")
    return reminder_page(request, form, form=form, pause=PauseForm())


@login_required
@require_POST
def pause(request: SignedInRequest) -> HttpResponse:
    form = PauseForm(request.POST)
    if submit(form, switches.edit, user=request.user, now=timezone.now()):
        messages.success(request, _("Paused."))
        return redirect("reminder-settings")
    return reminder_page(request, form, form=SwitchesForm(instance=request.user), pause=form)


@login_required
@require_POST
def resume(request: SignedInRequest) -> HttpResponse:
    switches.edit(user=request.user, paused_until=None, now=timezone.now())
    messages.success(request, _("Reminders come again."))
    return redirect("reminder-settings")


def reminder_page(request: SignedInRequest, sent: forms.BaseForm, **both: forms.BaseForm) -> HttpResponse:
    """The page and its two forms; `sent` is the one that may have come back with mistakes."""
    user = request.user
    context = {
        **both,
        "devices": Device.objects.of(user).last_seen_first(),
        "is_paused": user.is_paused(timezone.now()),
        "calendar_address": switches.calendar_address(user, site=configured.SITE_URL),
    }
    return TemplateResponse(request, "accounts/reminders.html", context, status=status_of(sent))


@login_required
@require_POST
def remove_device(request: SignedInRequest, device_pk: int) -> HttpResponse:
    device = get_object_or_404(Device.objects.of(request.user), pk=device_pk)
    devices.remove_device(user=request.user, device_id=device.device_id)
    messages.success(request, _("%(device)s gets no more messages.") % {"device": device})
    return redirect("reminder-settings")


@login_required
@require_POST
def renew_calendar(request: SignedInRequest) -> HttpResponse:
    switches.renew_calendar_key(user=request.user)
    messages.success(request, _("Here is the new address of your calendar."))
    return redirect(f"{reverse('reminder-settings')}#calendar")


@login_required
@require_POST
def stop_calendar(request: SignedInRequest) -> HttpResponse:
    switches.stop_calendar(user=request.user)
    messages.success(request, _("The address of your calendar leads nowhere now."))
    return redirect(f"{reverse('reminder-settings')}#calendar")


# --- where one is signed in ---------------------------------------------------------------------------------


@login_required
def sessions(request: SignedInRequest) -> HttpResponse:
    found = UserSession.objects.purge_and_list(request.user)
    apps = set(SignIn.objects.filter(user=request.user).values_list("session_key", flat=True))
    rows = [
        {
            "pk": session.pk,
            "name": labels.device_name(session.user_agent),
            "is_app": session.session_key in apps,
            "is_this": session.session_key == request.session.session_key,
            "began_at": session.created_at,
            "seen_at": session.last_seen_at,
        }
        for session in found
    ]
    rows.sort(key=lambda row: (not row["is_this"], -row["seen_at"].timestamp()))
    return TemplateResponse(request, "usersessions/usersession_list.html", {"sessions": rows})


@login_required
@require_POST
def end_session(request: SignedInRequest, pk: int) -> HttpResponse:
    session = get_object_or_404(UserSession.objects.filter(user=request.user), pk=pk)
    if session.session_key == request.session.session_key:
        return sign_out(request)
    actions.end_session(session_key=session.session_key)
    messages.success(
        request, _("%(device)s is signed out.") % {"device": labels.device_name(session.user_agent)}
    )
    return redirect("usersessions_list")


@login_required
@require_POST
def end_other_sessions(request: SignedInRequest) -> HttpResponse:
    actions.end_all_sessions(user=request.user, but=request.session.session_key)
    messages.success(request, _("Everywhere else you are signed out now."))
    return redirect("usersessions_list")


# --- tokens for scripts -------------------------------------------------------------------------------------


@fresh
def access_tokens(request: SignedInRequest) -> HttpResponse:
    form = AccessTokenForm(request.POST or None)
    if made := tried(form, make_token, user=request.user, now=timezone.now()):
        once.show(request, _("access token"), made[1])
        return redirect("access-tokens")
    now = timezone.now()
    tokens = [
        {"token": token, "is_over": token.is_over(now)}
        for token in AccessToken.objects.of(request.user).newest_first()
    ]
    made_just_now = once.shown(request, _("access token"))
    return shown(request, "accounts/access_tokens.html", form, tokens=tokens, made=made_just_now)


def make_token(
    *, user: User, name: str, scope: str, lasts: timedelta | None, now: datetime
) -> tuple[AccessToken, str]:
    expires_at = now + lasts if lasts else None
    return flows.make_token(user=user, name=name, scope=scope, expires_at=expires_at, now=now)


@login_required
@require_POST
def revoke_token(request: SignedInRequest, token_id: UUID) -> HttpResponse:
    if not access.revoke_token(user=request.user, token_id=token_id):
        raise Http404
    messages.success(request, _("Revoked. Whatever uses it is shut out now."))
    return redirect("access-tokens")
