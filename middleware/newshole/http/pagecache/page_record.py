"""A kept page as bytes for the store that workers share.

A value is

    length of the description, 4 bytes · description, a JSON document · body

under the seal of `store/seal`. **Without a secret whoever can write to the store can write pages.**
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from struct import Struct
from typing import Final

from pydantic import TypeAdapter, ValidationError

from newshole.http.directives import TOKEN
from newshole.http.pagecache.entry import Stored
from newshole.http.pagecache.tags import WIDTH
from newshole.http.pagecache.terms import Terms
from newshole.page.frame import Digested
from newshole.store.seal import sealed, unsealed

_PLACE: Final = b"page 2:"
_LENGTH = Struct("<I")
_MOST_DESCRIPTION: Final = 128 * 1024
_VALUE = re.compile(rb"[^\x00\r\n]*")


@dataclass(frozen=True, slots=True)
class Description:
    """What a value tells beside the body; bytes are written as Latin-1, marks in hexadecimal digits.

    One without headers only tells the `names` that the pages of an address vary on.
    """

    names: tuple[str, ...]
    marks: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    terms: Terms | None = None
    born: float = 0.0
    seen: tuple[int, int] = (0, 0)


@cache
def _description() -> TypeAdapter[Description]:
    """Made when it is first needed, which is after the start."""
    return TypeAdapter(Description)


def store_key(key: bytes) -> bytes:
    """The key of the store under which a page's value stands."""
    return b"page:" + hashlib.blake2b(key, digest_size=20).digest()


def encode_page(page: Stored, secret: bytes) -> bytes:
    """The value for a page."""
    told = Description(
        tuple(_text(name) for name in page.names),
        tuple(mark.hex() for mark in page.marks),
        tuple((_text(name), _text(value)) for name, value in page.headers),
        page.terms,
        page.born,
        page.seen,
    )
    return _sealed(page.key, told, page.body, secret)


def encode_names(page: bytes, names: tuple[bytes, ...], secret: bytes) -> bytes:
    """The value under an address whose pages vary on these request headers."""
    return _sealed(page, Description(tuple(_text(name) for name in names)), b"", secret)


def decode(value: bytes, key: bytes, page: bytes, secret: bytes) -> Stored | tuple[bytes, ...] | None:
    """The page, or the names, of a value that was made for this very key and secret; None for all else."""
    opened = _opened(value, key, secret)
    if opened is None:
        return None
    told, body = opened
    names = tuple(_bytes(name) for name in told.names)
    if told.terms is None:
        return names
    headers = tuple((_bytes(name), _bytes(written)) for name, written in told.headers)
    marks = tuple(bytes.fromhex(mark) for mark in told.marks)
    if not all(TOKEN.fullmatch(name) and _VALUE.fullmatch(written) for name, written in headers):
        return None
    if not marks or any(len(mark) != WIDTH for mark in marks):
        return None
    return Stored(key, page, names, marks, headers, Digested(body), told.terms, told.born, told.seen)


def _sealed(key: bytes, told: Description, body: bytes, secret: bytes) -> bytes:
    description = _description().dump_json(told, exclude_defaults=True)
    document = b"".join((_LENGTH.pack(len(description)), description, body))
    return sealed(document, _PLACE + key, secret)


def _opened(value: bytes, key: bytes, secret: bytes) -> tuple[Description, bytes] | None:
    document = unsealed(value, _PLACE + key, secret)
    if document is None or len(document) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack_from(document)
    end = _LENGTH.size + size
    if end > len(document) or size > _MOST_DESCRIPTION:
        return None
    try:
        told = _description().validate_json(document[_LENGTH.size : end], strict=True)
        bytes.fromhex("".join(told.marks))
        _bytes("".join((*told.names, *(each for pair in told.headers for each in pair))))
    except (ValidationError, ValueError):
        return None
    return told, document[end:]


def _text(written: bytes) -> str:
    return written.decode("latin-1")


def _bytes(written: str) -> bytes:
    return written.encode("latin-1")
