"""Where people are reached."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from accounts.models.texts import one_line


class DeviceQuerySet(models.QuerySet["Device"]):
    def of(self, user: User) -> DeviceQuerySet:
        return self.filter(user=user)

    def live(self) -> DeviceQuerySet:
        """What a push message can be sent to."""
        return self.exclude(address="").filter(disabled_at=None)

    def last_seen_first(self) -> DeviceQuerySet:
        return self.order_by("-last_seen_at", "-id")


class Device(models.Model):
    """One phone or browser of a person's, on which the app or the site may show push messages."""

    class Platform(models.TextChoices):
        IOS = "ios", _("iPhone or iPad")
        ANDROID = "android", _("Android")
        WEB = "web", _("Browser")

    # The unique constraint below begins with the user: an index of its own would only cost writes.
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices", db_index=False)
    device_id = models.CharField(_("device id"), max_length=200, validators=[one_line])
    platform = models.CharField(max_length=10, choices=Platform)
    # Expo's token, or the endpoint of a Web Push subscription; empty where push messages are not allowed.
    address = models.CharField(max_length=1000, blank=True)
    # Of a Web Push subscription: p256dh and auth.
    keys = models.JSONField(default=dict, blank=True)
    name = models.CharField(max_length=100, blank=True, validators=[one_line])
    app_version = models.CharField(_("app version"), max_length=40, blank=True, validators=[one_line])
    created_at = models.DateTimeField(editable=False)
    last_seen_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=300, blank=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "device_id"],
                name="device_is_known_once",
                violation_error_message=_("This device is registered already."),
                violation_error_code="unique",
            ),
            models.UniqueConstraint(
                fields=["address"],
                condition=~Q(address=""),
                name="device_address_belongs_to_one_device",
                violation_error_message=_("This address belongs to another device."),
                violation_error_code="unique",
            ),
            models.CheckConstraint(
                condition=Q(disabled_at__isnull=True, disabled_reason="")
                | (Q(disabled_at__isnull=False) & ~Q(disabled_reason="")),
                name="device_is_disabled_for_a_reason",
                violation_error_message=_("A device is given up for a reason."),
                violation_error_code="no_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.get_platform_display()
