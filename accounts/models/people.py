"""People, and who may become one."""

from __future__ import annotations

import uuid
import zoneinfo
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.timezone import now as today  # noqa: TID251 allauth makes users too, without a word on time
from django.utils.translation import gettext_lazy as _

from accounts.models.texts import one_line
from kefir import languages

INVITATION_LASTS = timedelta(days=30)
# Stands where there is no address: a host that never is (RFC 2606).
NOBODY = "@demo.invalid"
# When people sleep who have not said when.
NIGHT = (time(22, 30), time(7, 0))
NAG_AT_LEAST, NAG_AT_MOST = timedelta(minutes=15), timedelta(hours=24)


@cache
def timezones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones()) - {"localtime", "Factory"}


def validate_timezone(name: str) -> None:
    if name not in timezones():
        raise ValidationError(_("Choose a time zone such as Europe/Berlin."), code="unknown_timezone")


def validate_language(code: str) -> None:
    if not languages.known(code):
        raise ValidationError(_("Choose one of the languages there are."), code="unknown_language")


class OnlyWhenKept(ValidationError):
    """What leaves the house, or stays in it for others, is not for those who only try it."""

    def __init__(self) -> None:
        super().__init__(_("Not in a trial. Keep it with your e-mail address first."), code="trial")


class UserQuerySet(models.QuerySet["User"]):
    def to_erase(self, now: datetime) -> UserQuerySet:
        """Whose day to think it over has passed, and trials that nobody has kept."""
        return self.filter(Q(erase_at__lte=now) | Q(demo_until__lte=now))


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, **fields: Any) -> User:
        user = self.model(email=email.lower(), **fields)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, **fields: Any) -> User:
        return self.create_user(email, is_staff=True, is_superuser=True, **fields)

    def to_erase(self, now: datetime) -> UserQuerySet:
        return self.get_queryset().to_erase(now)

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class EmailWhen(models.TextChoices):
    """When reminders come by e-mail too."""

    NEEDED = "needed", _("Only when no push message gets through")
    ALWAYS = "always", _("Always")
    NEVER = "never", _("Never")


class PhBy(models.TextChoices):
    """What a pH is read with; a strip is good to a quarter, a meter to a twentieth."""

    STRIP = "strip", _("Strips")
    METER = "meter", _("A meter")


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who ferments."""

    class TemperatureUnit(models.TextChoices):
        CELSIUS = "C", "°C"
        FAHRENHEIT = "F", "°F"

    class VolumeUnit(models.TextChoices):
        MILLILITRES = "ml", _("ml and g")
        OUNCES = "oz", _("fl oz and oz")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(
        _("e-mail address"),
        max_length=254,
        unique=True,
        error_messages={"unique": _("There is an account with this e-mail address already.")},
    )
    name = models.CharField(max_length=100, blank=True, validators=[one_line])
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_timezone])
    temperature_unit = models.CharField(
        _("temperatures in"),
        max_length=1,
        choices=TemperatureUnit,
        default=TemperatureUnit.CELSIUS,
    )
    volume_unit = models.CharField(
        _("amounts in"), max_length=2, choices=VolumeUnit, default=VolumeUnit.MILLILITRES
    )
    # Empty: the one that their browser or app asks for, and in mails the house's own.
    language = models.CharField(
        _("language"), max_length=10, blank=True, db_default="", validators=[validate_language]
    )
    # Of every pH where nothing else is said.
    ph_by = models.CharField(
        _("I measure pH with"), max_length=5, choices=PhBy, blank=True, default="", db_default=""
    )
    # Local times: "22:00" stays so when the clocks change.
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    push_on = models.BooleanField(_("push messages to my devices"), default=True, db_default=True)
    email_when = models.CharField(
        _("reminders by e-mail"),
        max_length=6,
        choices=EmailWhen,
        default=EmailWhen.NEEDED,
        db_default=EmailWhen.NEEDED,
    )
    nag_every = models.DurationField(
        _("ask again"),
        null=True,
        blank=True,
        validators=[
            MinValueValidator(NAG_AT_LEAST, _("Ask again after 15 minutes at the soonest.")),
            MaxValueValidator(NAG_AT_MOST, _("Ask again after 24 hours at the latest.")),
        ],
    )
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    # Mail to their address came back; an address that proves to work again clears it.
    email_failed_at = models.DateTimeField(null=True, blank=True, editable=False)
    email_failure = models.CharField(max_length=300, blank=True, db_default="", editable=False)
    # The secret in their calendar's address. Kept as it is, so that they can look it up again.
    calendar_key = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001
    # They have asked for it. Until then everything is still there and nothing goes out.
    erase_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Other programs may want to be told. Noted here by whoever adds them, so that to know it costs no look of its own.
    has_webhooks = models.BooleanField(default=False, db_default=False, editable=False)
    # What their kitchen is like: a new batch begins with it. Which cultures there are, is known above.
    usual_culture = models.CharField(max_length=20, blank=True, db_default="")
    room_temperature_c = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(45)],
    )
    # When they were asked about it, answered or not.
    welcomed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Somebody only tries it: until then it can be kept (accounts/demos.py).
    demo_until = models.DateTimeField(null=True, blank=True, editable=False)
    is_staff = models.BooleanField(_("may enter the back office"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(default=today, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        indexes = [
            models.Index(fields=["erase_at"], condition=Q(erase_at__isnull=False), name="user_to_erase"),
            models.Index(fields=["demo_until"], condition=Q(demo_until__isnull=False), name="user_demo_over"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="user_email_is_lower_case",
                violation_error_message=_("Write the e-mail address in lower case."),
                violation_error_code="not_lower_case",
            ),
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_belongs_to_one_account",
                violation_error_message=_("There is an account with this e-mail address already."),
                violation_error_code="unique",
            ),
            models.CheckConstraint(
                condition=Q(password__startswith="!"),  # noqa: S106 which is Django's mark for "none"
                name="user_has_no_password",
                violation_error_message=_("Nobody has a password here."),
                violation_error_code="password",
            ),
            models.CheckConstraint(
                condition=Q(temperature_unit__in=["C", "F"]), name="user_temperature_unit_is_known"
            ),
            models.CheckConstraint(
                condition=Q(volume_unit__in=["ml", "oz"]), name="user_volume_unit_is_known"
            ),
            models.CheckConstraint(
                condition=Q(ph_by__in=["", "strip", "meter"]),
                name="user_ph_by_is_known",
                violation_error_message=_("Choose strips or a meter."),
                violation_error_code="invalid_choice",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="user_quiet_hours_have_both_ends",
                violation_error_message=_("Quiet hours need a beginning and an end."),
                violation_error_code="quiet_hours_incomplete",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True) | ~Q(quiet_from=F("quiet_until")),
                name="user_quiet_hours_last_a_while",
                violation_error_message=_("Quiet hours cannot begin and end at the same time."),
                violation_error_code="quiet_hours_empty",
            ),
            models.CheckConstraint(
                condition=Q(email_when__in=["needed", "always", "never"]),
                name="user_email_when_is_known",
                violation_error_message=_("Choose when reminders come by e-mail."),
                violation_error_code="invalid_choice",
            ),
            models.CheckConstraint(
                condition=Q(nag_every__isnull=True)
                | Q(nag_every__gte=NAG_AT_LEAST, nag_every__lte=NAG_AT_MOST),
                name="user_is_asked_again_neither_too_soon_nor_too_late",
                violation_error_message=_("Ask again after 15 minutes to 24 hours."),
                violation_error_code="nag_every_out_of_range",
            ),
            models.CheckConstraint(
                condition=Q(room_temperature_c__isnull=True)
                | Q(room_temperature_c__gte=0, room_temperature_c__lte=45),
                name="user_room_is_as_warm_as_a_room",
                violation_error_message=_("It must be between 0 and 45 °C."),
                violation_error_code="out_of_range",
            ),
            models.CheckConstraint(
                condition=Q(demo_until__isnull=True) | Q(email__endswith=NOBODY, is_staff=False),
                name="user_demo_has_no_address",
                violation_error_message=_("A trial has no address. Keep it first."),
                violation_error_code="trial",
            ),
            models.CheckConstraint(
                condition=Q(demo_until__isnull=False) | ~Q(email__endswith=NOBODY),
                name="user_without_an_address_is_a_demo",
                violation_error_message=_("Nobody has an address there."),
                violation_error_code="nobodys",
            ),
            models.CheckConstraint(
                condition=Q(demo_until__isnull=True) | Q(push_on=False, email_when="never"),
                name="user_demo_is_sent_nothing",
                violation_error_message=_("In a trial nothing is sent. Keep it with your address first."),
                violation_error_code="trial",
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

    @property
    def night(self) -> tuple[time, time]:
        """When nobody should have to get up: their quiet hours, or those in which most people sleep."""
        if self.quiet_from is None or self.quiet_until is None:
            return NIGHT
        return self.quiet_from, self.quiet_until

    @property
    def is_leaving(self) -> bool:
        """Nobody is told anything of them or for them; they may still come back."""
        return self.erase_at is not None

    def is_demo(self, now: datetime) -> bool:
        return self.demo_until is not None and now < self.demo_until

    def refuse_if_demo(self) -> None:
        if self.demo_until is not None:
            raise OnlyWhenKept

    def is_paused(self, now: datetime) -> bool:
        return self.paused_until is not None and now < self.paused_until

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
        _("e-mail address"),
        max_length=254,
        unique=True,
        error_messages={"unique": _("This address has been invited already.")},
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
                violation_error_message=_("Write the e-mail address in lower case."),
                violation_error_code="not_lower_case",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        if User.objects.filter(email=self.email).exists():
            sentence = _("There is an account with this e-mail address already.")
            raise ValidationError({"email": ValidationError(sentence, code="account_exists")})
