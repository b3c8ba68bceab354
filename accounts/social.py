"""The app's sign-in with Google, Facebook or Apple: allauth's route, without its stumble over odd tokens."""

from typing import Any

from allauth.headless.adapter import get_adapter
from allauth.headless.socialaccount.inputs import ProviderTokenInput
from allauth.headless.socialaccount.views import ProviderTokenView


class SafeProviderTokenInput(ProviderTokenInput):
    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except (KeyError, TypeError, ValueError):
            # A token without a key id, or signed in a way its provider does not use.
            self.add_error("token", get_adapter().validation_error("invalid_token"))
            return dict(self.cleaned_data)
        return cleaned


class SafeProviderTokenView(ProviderTokenView):
    input_class = SafeProviderTokenInput
