"""Hashes of passwords, as settings hold them: argon2id, of which the parameters are part."""

from __future__ import annotations

from typing import Final

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError

SHORTEST: Final = 12
"""Characters of a password at least."""

HASHER: Final = PasswordHasher()


def hash_of(password: str) -> str:
    """The hash of a password, for the settings."""
    return HASHER.hash(password)


def is_hash(written: str) -> bool:
    """Whether it is a hash such as `hash_of` makes."""
    try:
        extract_parameters(written)
    except InvalidHashError:
        return False
    return written.startswith("$argon2id$")
