"""Signing in with Google, Facebook and Apple, as allauth wants it: only what has its keys is offered."""

from typing import Any

from kefir import environment as env

# Where the form of such a sign-in leads.
HOSTS = {
    "google": "https://accounts.google.com",
    "facebook": "https://www.facebook.com",
    "apple": "https://appleid.apple.com",
}


def providers() -> dict[str, dict[str, Any]]:
    """Google and Apple vouch for the address they give, Facebook does not."""
    offered = {"google": google(), "facebook": facebook(), "apple": apple()}
    return {name: provider for name, provider in offered.items() if provider}


def google() -> dict[str, Any]:
    client_id = env.text("GOOGLE_CLIENT_ID")
    if not client_id:
        return {}
    site = {
        "client_id": client_id,
        "secret": env.secret("GOOGLE_CLIENT_SECRET", "It goes with GOOGLE_CLIENT_ID."),
    }
    of_app = [{"client_id": one, "settings": {"hidden": True}} for one in env.words("GOOGLE_APP_CLIENT_IDS")]
    return {
        "APPS": [site, *of_app],
        "SCOPE": ["openid", "email", "profile"],
        "EMAIL_AUTHENTICATION": True,
        "OAUTH_PKCE_ENABLED": True,
    }


def facebook() -> dict[str, Any]:
    client_id = env.text("FACEBOOK_CLIENT_ID")
    if not client_id:
        return {}
    secret = env.secret("FACEBOOK_CLIENT_SECRET", "It goes with FACEBOOK_CLIENT_ID.")
    return {"APPS": [{"client_id": client_id, "secret": secret}], "SCOPE": ["email"]}


def apple() -> dict[str, Any]:
    client_id = env.text("APPLE_CLIENT_ID")
    if not client_id:
        return {}
    keys: dict[str, Any] = {
        "secret": env.secret("APPLE_KEY_ID", "It goes with APPLE_CLIENT_ID."),
        "key": env.secret("APPLE_TEAM_ID", "It goes with APPLE_CLIENT_ID."),
    }
    signing = {"certificate_key": env.secret("APPLE_PRIVATE_KEY", "The .p8 file's content.")}
    site = {"client_id": client_id, **keys, "settings": signing}
    of_app = [
        {"client_id": one, **keys, "settings": signing | {"hidden": True}}
        for one in env.words("APPLE_APP_CLIENT_IDS")
    ]
    return {"APPS": [site, *of_app], "EMAIL_AUTHENTICATION": True}
