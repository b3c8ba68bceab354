import re

import pytest
from cryptography.fernet import InvalidToken

from accounts import secrets


class TestSecret:
    def test_says_what_it_is_for_and_holds_256_bits(self):
        made = {secrets.new_secret("kefir_pat_") for _ in range(100)}
        assert len(made) == 100
        assert all(re.fullmatch(r"kefir_pat_[\w-]{43}", secret) for secret in made)

    def test_is_known_by_its_beginning_only(self):
        secret = secrets.new_secret("kefir_pat_")
        assert secrets.beginning_of(secret, "kefir_pat_") == secret[:14]
        assert secret[14:] not in secrets.hash_of(secret)

    def test_has_one_hash_whatever_the_sites_key(self, settings):
        hashed = secrets.hash_of("kefir_pat_x")
        settings.SECRET_KEY = "another"
        assert secrets.hash_of("kefir_pat_x") == hashed
        assert len(hashed) == 64


class TestVault:
    def test_gives_back_what_was_put_in_and_nothing_to_another_purpose(self):
        sealed = secrets.vault(b"one").encrypt(b"secret")
        assert secrets.vault(b"one").decrypt(sealed) == b"secret"
        with pytest.raises(InvalidToken):
            secrets.vault(b"other").decrypt(sealed)

    def test_opens_after_a_change_of_the_sites_key(self, settings):
        sealed = secrets.vault(b"one").encrypt(b"secret")
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another"
        assert secrets.vault(b"one").decrypt(sealed) == b"secret"
