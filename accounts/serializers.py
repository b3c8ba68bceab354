"""The bodies and answers of the API's sign-in and profile. Text in, values out; nothing is decided here."""

from typing import Any

from rest_framework import serializers

from accounts.models import User
from kefir.api.wire import ModelWire, Wire


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
    code = serializers.CharField(max_length=32)
    session = serializers.CharField(max_length=64)


class SecondStepBody(Wire):
    session = serializers.CharField(max_length=64, help_text="From the mfa_required problem.")
    code = serializers.CharField(max_length=32, help_text="From the authenticator app, or a recovery code.")


class RefreshBody(Wire):
    refresh_token = serializers.CharField(max_length=4096)


class TokensAnswer(Wire):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds the access token lasts.")


class Me(ModelWire):
    created_at = serializers.DateTimeField(source="date_joined", read_only=True)

    class Meta:
        model = User
        fields = ["id", "email", "name", "timezone", "temperature_unit", "volume_unit", "created_at"]
        read_only_fields = ["id", "email"]
