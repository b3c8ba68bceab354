"""The bodies and answers of the API's sign-in and profile. Text in, values out; nothing is decided here."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from accounts.models import AccessToken, Device, User
from accounts.scopes import Scope
from kefir.api.wire import Instant, ModelWire, Number, Text, WholeNumber, Wire


class AddressField(serializers.EmailField):
    """An e-mail address; its case says nothing."""

    def to_internal_value(self, data: Any) -> str:
        return str(super().to_internal_value(data)).lower()


class LoginBody(Wire):
    email = AddressField(max_length=254)


class LoginAnswer(Wire):
    session = serializers.CharField(help_text="Send it back to /auth/verify with the code.")
    expires_in = serializers.IntegerField(help_text="Seconds.")


class VerifyBody(Wire):
    email = AddressField(max_length=254)
    code = Text(max_length=32)
    session = Text(max_length=64)


class SecondStepBody(Wire):
    session = Text(max_length=64, help_text="From the mfa_required problem.")
    code = Text(max_length=32, help_text="From the authenticator app, or a recovery code.")


class RefreshBody(Wire):
    refresh_token = Text(max_length=4096)


class TokensAnswer(Wire):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds the access token lasts.")


class Minutes(WholeNumber):
    """A span of time in whole minutes."""

    def to_internal_value(self, data: Any) -> timedelta:  # type: ignore[override]
        try:
            return timedelta(minutes=super().to_internal_value(data))
        except OverflowError:
            self.fail("invalid")

    def to_representation(self, value: timedelta) -> int:  # type: ignore[override]
        return int(value / timedelta(minutes=1))


class ClockTime(serializers.TimeField):
    """An hour and a minute on the wall."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M"], **kwargs)


class Me(ModelWire):
    quiet_from = ClockTime(required=False, allow_null=True, help_text="Local, such as 22:00; null for none.")
    quiet_until = ClockTime(required=False, allow_null=True)
    nag_every = Minutes(
        required=False,
        allow_null=True,
        help_text="Minutes after which to ask again, 15 to 1440; null: never.",
    )
    created_at = serializers.DateTimeField(source="date_joined", read_only=True)

    class Meta:
        model = User
        fields = [
            "id", "email", "name", "language", "timezone", "temperature_unit", "volume_unit", "ph_by",
            "quiet_from", "quiet_until", "push_on", "email_when", "nag_every", "paused_until",
            "email_failed_at", "erase_at", "created_at",
        ]  # fmt: skip
        read_only_fields = ["id", "email", "email_failed_at", "erase_at"]


class SubscriptionKeys(Wire):
    p256dh = Text(max_length=200)
    auth = Text(max_length=100)


class Subscription(Wire):
    """What a browser's PushSubscription says of itself."""

    endpoint = Text(max_length=1000)
    keys = SubscriptionKeys()
    expiration_time = Number(required=False, allow_null=True, help_text="Taken, and not needed.")


class NewDevice(Wire):
    device_id = Text(max_length=200, help_text="The client's own name for the device; it stays the same.")
    platform = serializers.ChoiceField(Device.Platform.choices)
    push_token = Text(
        required=False, allow_blank=True, allow_null=True, max_length=1000, help_text="Of an app, from Expo."
    )
    subscription = Subscription(required=False, allow_null=True, help_text="Of a browser, in its place.")
    name = Text(required=False, allow_blank=True, max_length=100)
    app_version = Text(required=False, allow_blank=True, max_length=40)


class DeviceWire(ModelWire):
    """Never the token: who has it can send messages."""

    class Meta:
        model = Device
        fields = ["device_id", "platform", "name", "app_version", "last_seen_at", "disabled_at"]
        read_only_fields = fields


class NewAccessToken(Wire):
    name = Text(max_length=100, help_text="What it is for.")
    scope = serializers.ChoiceField(Scope.choices)
    expires_at = Instant(required=False, allow_null=True, help_text="null: when it is revoked.")


class AccessTokenWire(ModelWire):
    """Never the token itself."""

    class Meta:
        model = AccessToken
        fields = ["id", "name", "scope", "beginning", "created_at", "last_used_at", "expires_at"]
        read_only_fields = fields


class MadeAccessToken(AccessTokenWire):
    token = serializers.CharField(
        source="secret", read_only=True, help_text="Only here: keep it, nobody can tell it again."
    )

    class Meta(AccessTokenWire.Meta):
        fields = [*AccessTokenWire.Meta.fields, "token"]
        read_only_fields = fields
