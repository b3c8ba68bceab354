"""Secrets that programs carry: made of 256 bits, shown once, kept as a hash. What must be read again is kept sealed."""

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

SHOWN = 4


def new_secret(prefix: str) -> str:
    """`prefix` ("kefir_pat_") says what it is for: to people, to the log's filter, to those who look for leaks."""
    return prefix + secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What is kept of it. Nobody guesses 256 bits, so no key is wanted: it outlives a new SECRET_KEY."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def beginning_of(secret: str, prefix: str) -> str:
    """What its owner may see of it afterwards, to tell it from others."""
    return secret[: len(prefix) + SHOWN]


def vault(purpose: bytes) -> MultiFernet:
    """Encrypts under the site's own key, one for each purpose. The first encrypts; all decrypt, so that
    SECRET_KEY can be changed.
    """
    return MultiFernet(
        [Fernet(_derived(key, purpose)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _derived(key: str, purpose: bytes) -> bytes:
    step = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose)
    return base64.urlsafe_b64encode(step.derive(key.encode()))
