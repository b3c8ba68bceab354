"""Who: people, and how they prove who they are."""

from __future__ import annotations

import uuid
import zoneinfo
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.timezone import now as today  # noqa: TID251 allauth makes users too, without a word on time

MAX_GUESSES = 3
INVITATION_LASTS = timedelta(days=30)

one_line = RegexValidator(
    r"\A[^\x00-\x1f\x7f]*\Z", "Use one line, without control characters.", code="one_line"
)


@cache
def timezones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones()) - {"localtime", "Factory"}


def validate_timezone(name: str) -> None:
    if name not in timezones():
        raise ValidationError("Choose a time zone such as Europe/Berlin.", code="unknown_timezone")


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, **fields: Any) -> User:
        user = self.model(email=email.lower(), **fields)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, **fields: Any) -> User:
        return self.create_user(email, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who ferments."""

    class TemperatureUnit(models.TextChoices):
        CELSIUS = "C", "°C"
        FAHRENHEIT = "F", "°F"

    class VolumeUnit(models.TextChoices):
        MILLILITRES = "ml", "ml and g"
        OUNCES = "oz", "fl oz and oz"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(
        "e-mail address",
        max_length=254,
        unique=True,
        error_messages={"unique": "There is an account with this e-mail address already."},
    )
    name = models.CharField(max_length=100, blank=True, validators=[one_line])
    timezone = models.CharField("time zone", max_length=64, default="UTC", validators=[validate_timezone])
    temperature_unit = models.CharField(
        "temperatures in", max_length=1, choices=TemperatureUnit, default=TemperatureUnit.CELSIUS
    )
    volume_unit = models.CharField(
        "amounts in", max_length=2, choices=VolumeUnit, default=VolumeUnit.MILLILITRES
    )
    is_staff = models.BooleanField("may enter the back office", default=False)
    is_active = models.BooleanField("may sign in", default=True)
    date_joined = models.DateTimeField(default=today, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="user_email_is_lower_case",
                violation_error_message="Write the e-mail address in lower case.",
                violation_error_code="not_lower_case",
            ),
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_belongs_to_one_account",
                violation_error_message="There is an account with this e-mail address already.",
                violation_error_code="unique",
            ),
            models.CheckConstraint(
                condition=Q(password__startswith="!"),  # noqa: S106 which is Django's mark for "none"
                name="user_has_no_password",
                violation_error_message="Nobody has a password here.",
                violation_error_code="password",
            ),
            models.CheckConstraint(
                condition=Q(temperature_unit__in=["C", "F"]), name="user_temperature_unit_is_known"
            ),
            models.CheckConstraint(
                condition=Q(volume_unit__in=["ml", "oz"]), name="user_volume_unit_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        # allauth makes users too (a sign-in with Google), and looks them up by the exact lower-case address.
        self.email = self.email.lower()
        if not self.password.startswith("!"):
            self.set_unusable_password()
        super().save(*args, **kwargs)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.timezone)

    def has_its_defaults(self) -> bool:
        """Nobody has said yet where they are, so a guess is welcome."""
        return (self.timezone, self.temperature_unit, self.volume_unit) == ("UTC", "C", "ml")


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, now: datetime) -> InvitationQuerySet:
        return self.filter(accepted_at=None, created_at__gt=now - INVITATION_LASTS)

    def expired(self, now: datetime) -> InvitationQuerySet:
        return self.filter(accepted_at=None, created_at__lte=now - INVITATION_LASTS)


class Invitation(models.Model):
    """One address that may open an account where registration is by invitation."""

    email = models.EmailField(
        "e-mail address",
        max_length=254,
        unique=True,
        error_messages={"unique": "This address has been invited already."},
    )
    invited_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitations"
    )
    created_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="invitation_email_is_lower_case",
                violation_error_message="Write the e-mail address in lower case.",
                violation_error_code="not_lower_case",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        if User.objects.filter(email=self.email).exists():
            sentence = "There is an account with this e-mail address already."
            raise ValidationError({"email": ValidationError(sentence, code="account_exists")})


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    def pending(self, now: datetime) -> ChallengeQuerySet:
        return self.filter(used_at=None, expires_at__gt=now)


class Challenge(models.Model):
    """One thing we asked somebody to prove, once: a code we mailed, or the one their authenticator shows."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", "sign in"
        SECOND_STEP = "second_step", "second step of a sign-in"
        FRESH = "fresh", "it is still you"
        NEW_EMAIL = "new_email", "a new address is yours"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=12, choices=Purpose)
    token_hash = models.CharField(max_length=64, unique=True)
    # Empty where no code was mailed, so none can fit: the rest of the row is as for everybody.
    code_hash = models.CharField(max_length=64, blank=True)
    email = models.EmailField("e-mail address", max_length=254)
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


class AnsweredRequest(models.Model):
    """A POST that carried an Idempotency-Key, and the answer it was given."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="answered_requests")
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(null=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "route", "key"],
                name="request_is_answered_once",
                violation_error_message="This request was answered already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.route} of {self.user_id}"
