"""Identifier keys: HMAC-SHA-256 (RFC 2104) over kind and normal form, in Python and as a DuckDB macro.

Plain hashes of phone numbers are reversible by brute force, so the pepper is what makes a key a pseudonym.
"""

from __future__ import annotations

import hashlib
import hmac

import duckdb

KEY_VERSION = 1
_SEPARATOR = "\x1f"


def identifier_key(pepper: bytes, kind: str, value: str) -> str:
    """Return the key of one identifier: ``k<version>_<64 hex digits>``.

    Args:
        pepper: The secret (``Settings.pepper_bytes``).
        kind: For example ``email``, ``phone``, ``handle:instagram``; also ``record`` and ``text`` for other keys.
        value: The normal form of the identifier.
    """
    digest = hmac.new(pepper, f"{kind}{_SEPARATOR}{value}".encode(), hashlib.sha256).hexdigest()
    return f"k{KEY_VERSION}_{digest}"


def register_key_macro(connection: duckdb.DuckDBPyConnection, pepper: bytes) -> None:
    """Create the temporary macro ``identifier_key(kind, value)`` on a connection; NULL stays NULL.

    The padded keys live in session variables: they are written to no file and appear in no statement text.
    """
    block = (hashlib.sha256(pepper).digest() if len(pepper) > 64 else pepper).ljust(64, b"\0")
    connection.execute("set variable samtykke_ipad = $1", [bytes(b ^ 0x36 for b in block)])
    connection.execute("set variable samtykke_opad = $1", [bytes(b ^ 0x5C for b in block)])
    connection.execute(f"""
        create or replace temporary macro identifier_key(kind, value) as
        'k{KEY_VERSION}_' || sha256(getvariable('samtykke_opad') || unhex(sha256(
            getvariable('samtykke_ipad') || encode(kind || chr(31) || value))))
    """)
