from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import one_line
from hooks.kinds import CHOICES, Kind

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


def new_secret() -> str:
    """256 bits, recognisable where somebody leaves one lying about."""
    return f"whsec_{secrets.token_urlsafe(32)}"


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def of(self, user: User | AnonymousUser) -> EndpointQuerySet:
        return self.filter(user=user.pk)

    def live(self) -> EndpointQuerySet:
        return self.filter(is_on=True)

    def newest_first(self) -> EndpointQuerySet:
        return self.order_by("-created_at", "-id")


class Endpoint(models.Model):
    """One address of somebody's that is told what happens to their batches."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The unique constraint below begins with the user.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks", db_index=False
    )
    url = models.CharField(_("address"), max_length=1000, validators=[one_line])
    # None chosen means all, also those that come to be later.
    kinds = ArrayField(
        models.CharField(max_length=30, choices=CHOICES),
        default=list,
        blank=True,
        validators=[MaxLengthValidator(len(Kind))],
    )
    # Kept as they are: signing needs them. For a day after it was replaced, the former one signs too.
    secret = models.CharField(max_length=64, default=new_secret, editable=False)
    former_secret = models.CharField(max_length=64, blank=True, editable=False)
    former_until = models.DateTimeField(null=True, editable=False)
    is_on = models.BooleanField(_("on"), default=True)
    # Tries that failed since the last that did not, and when the first of them was.
    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since_at = models.DateTimeField(null=True, editable=False)
    # Not called before then, so that a slow one holds up nobody else.
    rests_until = models.DateTimeField(null=True, editable=False)
    disabled_at = models.DateTimeField(null=True, editable=False)
    disabled_reason = models.CharField(max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "url"],
                name="endpoint_is_added_once",
                violation_error_message=_("You have this address already."),
                violation_error_code="unique",
            ),
            models.CheckConstraint(
                condition=Q(disabled_at__isnull=True, disabled_reason="")
                | (Q(disabled_at__isnull=False, is_on=False) & ~Q(disabled_reason="")),
                name="endpoint_is_given_up_for_a_reason",
                violation_error_message=_("An address is given up for a reason."),
                violation_error_code="no_reason",
            ),
            models.CheckConstraint(
                condition=Q(former_until__isnull=True, former_secret="")
                | (Q(former_until__isnull=False) & ~Q(former_secret="")),
                name="endpoint_says_how_long_a_former_secret_signs",
                violation_error_message=_("A former secret has an end."),
                violation_error_code="no_end",
            ),
        ]

    def __str__(self) -> str:
        return self.url

    def wants(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds or kind == Kind.PING

    def signing_secrets(self, now: datetime) -> list[str]:
        is_rolling = self.former_until is not None and now < self.former_until
        return [self.secret, self.former_secret] if is_rolling else [self.secret]


class MessageQuerySet(models.QuerySet["Message"]):
    def oldest_first(self) -> MessageQuerySet:
        return self.order_by("created_at", "pk")


class Message(models.Model):
    """One thing that happened, in the words in which every endpoint is told of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhook_messages"
    )
    kind = models.CharField(max_length=30, choices=Kind)
    # The very text that is signed and sent, the same at every try.
    body = models.TextField()
    created_at = models.DateTimeField(db_index=True, editable=False)

    objects = MessageQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} at {self.created_at:%Y-%m-%d %H:%M}Z"


class HookDeliveryQuerySet(models.QuerySet["HookDelivery"]):
    def of(self, user: User | AnonymousUser) -> HookDeliveryQuerySet:
        return self.filter(endpoint__in=Endpoint.objects.of(user))

    def newest_first(self) -> HookDeliveryQuerySet:
        return self.order_by("-created_at", "-id")


class HookDelivery(models.Model):
    """One message for one endpoint, and what became of it."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("On its way")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Given up")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The index and the constraint below begin with them.
    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    status_code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(editable=False)
    delivered_at = models.DateTimeField(null=True)

    objects = HookDeliveryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("endpoint", F("created_at").desc(), F("id").desc(), name="newest_of_endpoint")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["message", "endpoint"],
                name="delivery_tells_an_endpoint_once",
                violation_error_message=_("This endpoint is told already."),
                violation_error_code="unique",
            ),
            models.CheckConstraint(
                condition=~Q(status="delivered", delivered_at=None),
                name="delivery_says_when_it_was_delivered",
                violation_error_message=_("A delivered message has its time."),
                violation_error_code="no_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} to {self.endpoint_id}: {self.get_status_display()}"

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING

    @property
    def is_failed(self) -> bool:
        return self.status == self.Status.FAILED
