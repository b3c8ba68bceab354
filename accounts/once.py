"""A secret that the next page shows, and no page after it. On its way there it is kept sealed."""

from cryptography.fernet import InvalidToken
from django.http import HttpRequest

from accounts.secrets import vault

PURPOSE = b"accounts shown once"


def show(request: HttpRequest, name: str, secret: str) -> None:
    """`name` tells several apart: the page asks for it by the same."""
    request.session[f"once {name}"] = vault(PURPOSE).encrypt(secret.encode()).decode()


def shown(request: HttpRequest, name: str) -> str:
    """Empty, unless it was just made."""
    try:
        return vault(PURPOSE).decrypt(request.session.pop(f"once {name}", "")).decode()
    except InvalidToken:
        return ""
