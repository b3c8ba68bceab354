"""What scripts prove themselves with."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from accounts.models.texts import one_line
from accounts.scopes import Scope


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def of(self, user: User) -> AccessTokenQuerySet:
        return self.filter(user=user)

    def alive(self, now: datetime) -> AccessTokenQuerySet:
        """Good for a request: not over, and its owner may sign in."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), user__is_active=True)

    def newest_first(self) -> AccessTokenQuerySet:
        return self.order_by("-created_at", "-id")


class AccessToken(models.Model):
    """One secret that a person has given to a script of theirs. Revoked, the row is gone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=100, validators=[one_line])
    scope = models.CharField(_("what it may do"), max_length=4, choices=Scope)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    # The first characters, by which its owner knows it.
    beginning = models.CharField(max_length=20, editable=False)
    created_at = models.DateTimeField(editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(scope__in=Scope.values),
                name="access_token_scope_is_known",
                violation_error_message=_("Choose what the token may do."),
                violation_error_code="invalid_choice",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="access_token_expires_after_it_is_made",
                violation_error_message=_("Choose a time that is still to come."),
                violation_error_code="in_the_past",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_over(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now
