"""The back office's view of people. Verbs own the data, so most of it is for reading."""

from typing import Any

import django.contrib.auth.admin  # noqa: F401 registers the groups that are taken away below
from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from allauth.socialaccount.admin import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.admin import UserSession
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access, actions
from accounts.forms import InvitationForm
from accounts.models import (
    AccessToken,
    AnsweredRequest,
    Challenge,
    Device,
    Invitation,
    KnownDevice,
    SignIn,
    User,
)


class ReadOnly(admin.ModelAdmin):
    """To be looked at; what changes it is a verb, called from the list by whoever may change it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ["email", "name", "date_joined", "last_login", "is_active", "is_staff"]
    list_filter = ["is_active", "is_staff", "date_joined", "erase_at", "demo_until"]
    search_fields = ["email", "name"]
    ordering = ["-date_joined"]
    fields = [
        ("email", "name"),
        ("language", "timezone", "temperature_unit", "volume_unit", "ph_by"),
        ("quiet_from", "quiet_until", "paused_until"),
        ("push_on", "email_when", "nag_every"),
        ("email_failed_at", "email_failure"),
        ("is_active", "is_staff", "is_superuser"),
        ("erase_at", "demo_until"),
        ("date_joined", "last_login"),
    ]
    actions = ["end_all_sessions", "deactivate", "reactivate"]

    @admin.action(permissions=["change"], description=_("End all sessions"))
    def end_all_sessions(self, request: HttpRequest, users: QuerySet[User]) -> None:
        ended = sum(actions.end_all_sessions(user=user) for user in users)
        messages.success(request, _("%(number)s sessions ended.") % {"number": ended})

    @admin.action(permissions=["change"], description=_("Deactivate, and end all sessions"))
    def deactivate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        others = [user for user in users if user != request.user]
        for user in others:
            actions.deactivate(user=user)
        messages.success(request, _("%(number)s accounts deactivated.") % {"number": len(others)})

    @admin.action(permissions=["change"], description=_("Reactivate"))
    def reactivate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            actions.reactivate(user=user)
        messages.success(request, _("%(number)s accounts may sign in again.") % {"number": len(users)})


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    list_display = ["email", "invited_by", "created_at", "accepted_at"]
    list_filter = ["accepted_at", "created_at"]
    list_select_related = ["invited_by"]
    search_fields = ["email"]
    form = InvitationForm

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Invitation, form: ModelForm, change: bool) -> None:
        assert isinstance(request.user, User)  # noqa: S101
        obj.pk = actions.invite(email=obj.email, invited_by=request.user, now=timezone.now()).pk


@admin.register(Device)
class DeviceAdmin(ReadOnly):
    """Without its address: whoever has that can send messages to it."""

    list_display = [
        "user",
        "platform",
        "name",
        "app_version",
        "last_seen_at",
        "disabled_at",
        "disabled_reason",
    ]
    list_filter = ["platform", "disabled_at", "last_seen_at"]
    list_select_related = ["user"]
    search_fields = ["user__email", "device_id", "name"]
    ordering = ["-last_seen_at"]
    fields = [
        ("user", "device_id"),
        ("platform", "name", "app_version"),
        ("created_at", "last_seen_at"),
        ("disabled_at", "disabled_reason"),
    ]


@admin.register(AccessToken)
class AccessTokenAdmin(ReadOnly):
    list_display = ["user", "name", "scope", "created_at", "last_used_at", "expires_at"]
    list_filter = ["scope", "created_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["user__email", "name", "beginning"]
    fields = ["user", "name", "scope", "beginning", "created_at", "last_used_at", "expires_at"]
    actions = ["revoke"]

    @admin.action(permissions=["change"], description=_("Revoke"))
    def revoke(self, request: HttpRequest, tokens: QuerySet[AccessToken]) -> None:
        revoked = sum(access.revoke_token(user=token.user, token_id=token.pk) for token in tokens)
        messages.success(request, _("%(number)s access tokens revoked.") % {"number": revoked})


@admin.register(SignIn)
class SignInAdmin(ReadOnly):
    list_display = ["user", "created_at", "idle_until", "ends_at"]
    list_filter = ["created_at"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    fields = ["user", "created_at", "idle_until", "ends_at"]


@admin.register(Challenge)
class ChallengeAdmin(ReadOnly):
    list_display = ["purpose", "email", "created_at", "expires_at", "guesses", "used_at"]
    list_filter = ["purpose", "created_at"]
    search_fields = ["email"]
    fields = ["purpose", "email", "created_at", "expires_at", "guesses", "used_at"]


@admin.register(KnownDevice)
class KnownDeviceAdmin(ReadOnly):
    list_display = ["user", "first_seen_at"]
    list_filter = ["first_seen_at"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    fields = ["user", "first_seen_at"]


@admin.register(AnsweredRequest)
class AnsweredRequestAdmin(ReadOnly):
    list_display = ["route", "user", "status", "created_at"]
    list_filter = ["status", "created_at"]
    list_select_related = ["user"]
    search_fields = ["user__email", "route"]
    fields = ["user", "route", "status", "created_at"]


# allauth's own pages would let staff move an account to another address, read the secret of somebody's second
# step or take over a sign-in with Google; what it keeps of keys comes from the environment here.
admin.site.unregister(
    [EmailAddress, Group, Authenticator, UserSession, SocialAccount, SocialApp, SocialToken]
)


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnly):
    """For somebody who lost a second step: it can be taken away here, and never read."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type", "created_at"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    fields = ["user", "type", "created_at", "last_used_at"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


@admin.register(UserSession)
class UserSessionAdmin(ReadOnly):
    list_display = ["user", "user_agent", "created_at", "last_seen_at"]
    list_filter = ["created_at"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    fields = ["user", "user_agent", "ip", "created_at", "last_seen_at"]


@admin.register(SocialAccount)
class SocialAccountAdmin(ReadOnly):
    list_display = ["user", "provider", "date_joined", "last_login"]
    list_filter = ["provider"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    fields = ["user", "provider", "date_joined", "last_login"]
