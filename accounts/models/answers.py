"""What was answered, and to whom."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


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
                violation_error_message=_("This request was answered already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.route} of {self.user_id}"
