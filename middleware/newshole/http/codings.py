"""Content codings (RFC 9110, section 8.4.1): gzip, deflate, br and zstd, taken off and put on again.

**Bounds.** A body of a kilobyte may decode to a gigabyte. So decoders are asked for one piece after the
other, and decoding ends with the piece that passes what a page may have: `most` bytes, or what its coded
size allows. Of 355 news pages none is over 21 times its coded size, coded as tightly as can be; `RATIO`
leaves five times that. What a decoder itself holds is bounded by the codings' windows: 32 KiB for gzip and
deflate, 16 MiB for br, and for zstd the 8 MiB that RFC 9659 allows on the web.

**Whole or not at all.** A stream that breaks off, is damaged, or has anything behind its end is refused:
clients disagree on what such a body holds. gzip and zstd may be several streams, one behind the other
(RFC 1952, section 2.2; RFC 8878, section 3.1), but not any number of them, for each costs a decoder.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, Protocol, TypeAlias

import brotli

from newshole.errors import NewsholeError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Codings: TypeAlias = tuple[str, ...]
"""Names of content codings, in the order in which they were put on."""

TOO_LARGE: Final = "too-large"
BOMB: Final = "coding-bomb"
BROKEN: Final = "coding-broken"

MOST_CODINGS: Final = 2
"""Codings of one body, one upon the other."""

MOST_MEMBERS: Final = 100
"""Streams of one body, one behind the other."""

RATIO: Final = 100
"""Bytes of a page to each byte of its coded body, beyond the first `FREE`."""

FREE: Final = 64 * 1024
"""Bytes that any coded body may decode to."""

LEVEL: Final = 3
"""The level for gzip, deflate, br and zstd alike: beyond it time grows faster than pages shrink."""

_STEP: Final = 16 * 1024
_PIECE: Final = 64 * 1024
_GZIP: Final = 31
_ZLIB: Final = 15
_RAW: Final = -15
_WEB_WINDOW: Final[dict[int, int]] = {zstd.DecompressionParameter.window_log_max: 23}


class CodingError(NewsholeError):
    """A coded body that is not decoded; `reason` is one of `TOO_LARGE`, `BOMB` and `BROKEN`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Decoder(Protocol):
    """One coded stream, as `zstd.ZstdDecompressor` has it: a piece of `max_length` bytes or more, about,
    means that there is more to come of what it was given."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Inflater:
    """zlib's decoder, which keeps what it could not take in yet."""

    def __init__(self, window: int) -> None:
        self._stream = zlib.decompressobj(window)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + data, max_length)


class _Unbrotli:
    """Brotli's decoder, which takes anything behind the end of its stream for an error."""

    unused_data: Final = b""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._stream.is_finished())

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return bytes(self._stream.process(data, output_buffer_limit=max_length))


def read_codings(written: bytes) -> Codings | None:
    """The codings of a `Content-Encoding`, none for `identity`; None where one is unknown or one too many.

    `x-gzip` is gzip (RFC 9110, section 8.4.1.3).
    """
    names = (name.strip().lower() for name in written.decode("latin-1").split(","))
    codings = tuple(_ALIASES.get(name, name) for name in names if name not in ("", "identity"))
    return codings if len(codings) <= MOST_CODINGS and set(codings) <= _ENCODERS.keys() else None


@lru_cache(maxsize=64)
def offers(accepted: bytes | None, codings: Codings) -> bool:
    """Whether an `Accept-Encoding` has all codings; without one a client takes any.

    Source: RFC 9110, section 12.5.3.
    """
    if accepted is None:
        return True
    weights = dict(map(_weighed, accepted.decode("latin-1").lower().split(",")))
    return all(weights.get(coding, weights.get("*", False)) for coding in codings)


def decode(coded: bytes, codings: Codings, *, most: int) -> bytes:
    """The page of a coded body, of `most` bytes at most. Raises CodingError."""
    room = min(most, FREE + RATIO * len(coded))
    for coding in reversed(codings):
        coded = _decoded(coded, coding, room, TOO_LARGE if room == most else BOMB)
    return coded


def encode(page: bytes, codings: Codings) -> bytes:
    """The coded body of a page, coded fast."""
    for coding in codings:
        page = _ENCODERS[coding](page)
    return page


def _weighed(member: str) -> tuple[str, bool]:
    """A coding of an `Accept-Encoding`, and whether its weight is more than none."""
    name, _, parameters = member.partition(";")
    weight = parameters.replace(" ", "").removeprefix("q=")
    name = name.strip()
    return _ALIASES.get(name, name), not weight or weight.strip("0.") != ""


def _decoded(coded: bytes, coding: str, room: int, beyond: str) -> bytes:
    """The bytes under one coding. Raises CodingError, `beyond` for more than `room` of them."""
    pieces: list[bytes] = []
    size = 0
    try:
        for piece in _pieces(coded, coding):
            pieces.append(piece)
            size += len(piece)
            if size > room:
                raise CodingError(beyond)
    except (zlib.error, brotli.error, zstd.ZstdError) as error:
        raise CodingError(BROKEN) from error
    return b"".join(pieces)


def _pieces(coded: bytes, coding: str) -> Iterator[bytes]:
    """What a coded body decodes to, in pieces of bounded size. Raises CodingError, and the decoder's own."""
    decoder = _open(coding, coded)
    members = 1
    for start in range(0, len(coded), _STEP):
        part = coded[start : start + _STEP]
        while part:
            if decoder.eof:
                if coding not in _JOINED or members == MOST_MEMBERS:
                    raise CodingError(BROKEN)
                decoder = _open(coding, coded)
                members += 1
            yield from _drained(decoder, part)
            part = decoder.unused_data if decoder.eof else b""
    if not decoder.eof:
        raise CodingError(BROKEN)


def _drained(decoder: _Decoder, part: bytes) -> Iterator[bytes]:
    """What one part of a stream brings."""
    piece = decoder.decompress(part, _PIECE)
    yield piece
    while len(piece) >= _PIECE and not decoder.eof:
        piece = decoder.decompress(b"", _PIECE)
        yield piece


def _open(coding: str, coded: bytes) -> _Decoder:
    """A decoder for a stream of a coding."""
    if coding == "br":
        return _Unbrotli()
    if coding == "zstd":
        return zstd.ZstdDecompressor(options=_WEB_WINDOW)
    if coding == "gzip":
        return _Inflater(_GZIP)
    return _Inflater(_ZLIB if _has_zlib_head(coded) else _RAW)


def _has_zlib_head(coded: bytes) -> bool:
    """Whether a deflate stream has the two bytes of RFC 1950 before it; some servers leave them out."""
    return len(coded) > 1 and coded[0] & 0x0F == zlib.DEFLATED and int.from_bytes(coded[:2], "big") % 31 == 0


_ALIASES: Final = {"x-gzip": "gzip"}
_JOINED: Final = frozenset({"gzip", "zstd"})
_ENCODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": lambda page: zlib.compress(page, LEVEL, _GZIP),
    "deflate": lambda page: zlib.compress(page, LEVEL, _ZLIB),
    "br": lambda page: bytes(brotli.compress(page, quality=LEVEL)),
    "zstd": lambda page: zstd.compress(page, LEVEL),
}
