"""How people prove who they are, and where they have done so."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User

MAX_GUESSES = 3


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    def pending(self, now: datetime) -> ChallengeQuerySet:
        return self.filter(used_at=None, expires_at__gt=now)


class Challenge(models.Model):
    """One thing we asked somebody to prove, once: a code we mailed, or the one their authenticator shows."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", _("sign in")
        SECOND_STEP = "second_step", _("second step of a sign-in")
        FRESH = "fresh", _("it is still you")
        NEW_EMAIL = "new_email", _("a new address is yours")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=12, choices=Purpose)
    token_hash = models.CharField(max_length=64, unique=True)
    # Empty where no code was mailed, so none can fit: the rest of the row is as for everybody.
    code_hash = models.CharField(max_length=64, blank=True)
    email = models.EmailField(_("e-mail address"), max_length=254)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="challenges")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    guesses = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    objects = ChallengeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(guesses__lte=MAX_GUESSES), name="challenge_is_guessed_at_most_three_times"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="challenge_expires_after_it_is_made"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.created_at:%Y-%m-%d %H:%M}"


class SignInQuerySet(models.QuerySet["SignIn"]):
    def alive(self, now: datetime) -> SignInQuerySet:
        """Its person may sign in, its session is there, and neither 30 days idle nor 90 in all are over."""
        return self.filter(
            Exists(Session.objects.filter(session_key=OuterRef("session_key"))),
            user__is_active=True,
            idle_until__gt=now,
        ).select_related("user")


class SignIn(models.Model):
    """One sign-in of the app: what its access and refresh tokens stand on. Without the row they are void."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    # The person's list of devices shows and ends Django's sessions; the tokens go with theirs.
    session_key = models.CharField(max_length=40, unique=True)
    refresh_id = models.UUIDField(default=uuid.uuid4)
    replaced_id = models.UUIDField(null=True)
    replaced_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    idle_until = models.DateTimeField()
    ends_at = models.DateTimeField()

    objects = SignInQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(idle_until__lte=F("ends_at")), name="sign_in_is_not_idle_beyond_its_end"
            ),
            models.CheckConstraint(
                condition=Q(replaced_id__isnull=True, replaced_at__isnull=True)
                | Q(replaced_id__isnull=False, replaced_at__isnull=False),
                name="sign_in_knows_when_a_token_was_replaced",
            ),
        ]

    def __str__(self) -> str:
        return f"app, since {self.created_at:%Y-%m-%d %H:%M}"

    def was_just_replaced(self, refresh_id: uuid.UUID, *, within: timedelta, now: datetime) -> bool:
        return (
            refresh_id == self.replaced_id
            and self.replaced_at is not None
            and now - self.replaced_at <= within
        )


class KnownDevice(models.Model):
    """One device from which a person has signed in before, so that no mail warns of it again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="known_devices")
    fingerprint = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "fingerprint"], name="known_device_is_known_once"),
        ]

    def __str__(self) -> str:
        return f"known since {self.first_seen_at:%Y-%m-%d}"
