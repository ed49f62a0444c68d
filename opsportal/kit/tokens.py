"""Bearer tokens: shown once, stored as a hash."""

import hashlib
import secrets
from dataclasses import dataclass
from zlib import crc32


@dataclass(frozen=True, slots=True)
class NewToken:
    """``plain`` is shown once; ``prefix`` names it in lists; ``digest`` is stored."""

    plain: str
    prefix: str
    digest: str


def make_token(kind: str) -> NewToken:
    """Make ``opp_<kind>_<8>_<32 random>_<checksum>`` with 190 bits of chance.

    The checksum lets a scanner tell a leaked token from a random word.
    """
    prefix = f"opp_{kind}_{secrets.token_hex(4)}"
    body = f"{prefix}_{secrets.token_urlsafe(24).replace('_', '-')}"
    plain = f"{body}_{crc32(body.encode()):08x}"
    return NewToken(plain=plain, prefix=prefix, digest=hash_token(plain))


def hash_token(plain: str) -> str:
    """SHA-256 in hex; enough for a token of high entropy, no salt needed."""
    return hashlib.sha256(plain.encode()).hexdigest()
