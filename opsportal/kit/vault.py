"""Secrets at rest: a text field that the database only sees encrypted."""

from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class VaultError(Exception):
    """A stored secret that none of the configured keys opens."""


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.SECRETS_KEYS])


def encrypt(plain: str) -> str:
    """Encrypt with the first of SECRETS_KEYS."""
    return _fernet().encrypt(plain.encode()).decode()


def decrypt(stored: str) -> str:
    """Decrypt with whichever of SECRETS_KEYS fits.

    Raises VaultError, naming the remedy, when none does.
    """
    try:
        return _fernet().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise VaultError(
            "A stored secret cannot be read: add the key it was written with to "
            "OPSPORTAL_SECRETS_KEYS, or enter the secret again."
        ) from None


if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField  # not subscriptable when it runs


class EncryptedTextField(_TextField):
    """Text that is encrypted on the way in and decrypted on the way out."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt; empty stays empty so that "not set" can be queried."""
        return encrypt(value) if value else value

    def from_db_value(self, value: str | None, *_args: object) -> str | None:
        """Decrypt what the database holds."""
        return decrypt(value) if value else value
