from django.apps import AppConfig
from django.urls import register_converter

from accounts.identifiers import DeviceIdConverter


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import authentication, flows  # noqa: F401, PLC0415 both register something

        register_converter(DeviceIdConverter, "device")
