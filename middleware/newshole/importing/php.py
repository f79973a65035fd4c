"""PHP's `serialize()`, read strictly: scalars and arrays, nothing that could be made to run.

    value:  N;   b:0;   i:-7;   d:0.5;   s:LENGTH:"BYTES";   a:COUNT:{key value …}
    key:    i:-7;   s:LENGTH:"BYTES";

Lengths are in bytes, so strings stay bytes here. Objects, references and enumerations are refused: no
settings need them. The package `phpserialize` (last released in 2012) takes any depth and size, ignores
what follows the value, and reads the opcodes of objects, so it is not used.
"""

from __future__ import annotations

import math
import re
from typing import Final, TypeAlias

from newshole.errors import NewsholeError

Php: TypeAlias = "bool | int | float | bytes | dict[int | bytes, Php] | None"

MOST_BYTES: Final = 8_000_000
"""The longest text that is read."""

MOST_VALUES: Final = 200_000
"""The most values in it, keys of arrays among them."""

MOST_DEPTH: Final = 16
"""How deep arrays may be nested; settings come to 4."""

_NUMBER = r"[+-]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,4})?"
_INT: Final = re.compile(rb"i:([+-]?[0-9]{1,20});")
_BOOL: Final = re.compile(rb"b:([01]);")
_FLOAT: Final = re.compile(rb"d:(" + _NUMBER.encode() + rb"|-?INF|NAN);")
_LENGTH: Final = re.compile(rb's:([0-9]{1,9}):"')
_COUNT: Final = re.compile(rb"a:([0-9]{1,9}):\{")
_REFUSED: Final = {b"O": "an object", b"C": "an object", b"E": "an enumeration", b"R": "a reference"}


class NotPhpError(NewsholeError):
    """Bytes that are no serialised PHP value, or one that is not read; `offset` is where, from 0."""

    def __init__(self, sentence: str, offset: int) -> None:
        self.sentence, self.offset = sentence, offset
        super().__init__(f"{sentence} at byte {offset}")


def unserialize(serialized: bytes) -> Php:
    """The value, which is all that the bytes hold. Raises NotPhpError."""
    if len(serialized) > MOST_BYTES:
        raise NotPhpError(f"more than {MOST_BYTES:,} bytes", MOST_BYTES)
    reading = _Reading(serialized)
    value = reading.value(0)
    if reading.at != len(serialized):
        raise NotPhpError("something follows the value", reading.at)
    return value


class _Reading:
    """The bytes, and how far they are read."""

    def __init__(self, serialized: bytes) -> None:
        self.serialized, self.at, self.values = serialized, 0, 0

    def value(self, depth: int) -> Php:
        self.count()
        match self.serialized[self.at : self.at + 1]:
            case b"N":
                self.expect(b"N;", "nothing")
                return None
            case b"b":
                return self.matched(_BOOL, "a truth value") == b"1"
            case b"i":
                return int(self.matched(_INT, "a number"))
            case b"d":
                return self.fraction()
            case b"s":
                return self.text()
            case b"a":
                return self.array(depth)
        raise self.unexpected()

    def count(self) -> None:
        self.values += 1
        if self.values > MOST_VALUES:
            raise NotPhpError(f"more than {MOST_VALUES:,} values", self.at)

    def matched(self, pattern: re.Pattern[bytes], what: str) -> bytes:
        """What a pattern has in its group, read past."""
        found = pattern.match(self.serialized, self.at)
        if found is None:
            raise NotPhpError(f"{what} is spoilt", self.at)
        self.at = found.end()
        return found[1]

    def expect(self, expected: bytes, what: str) -> None:
        if not self.serialized.startswith(expected, self.at):
            raise NotPhpError(f"{what} is spoilt", self.at)
        self.at += len(expected)

    def fraction(self) -> float:
        written = self.matched(_FLOAT, "a fraction")
        return math.nan if written == b"NAN" else float(written)

    def text(self) -> bytes:
        start = self.at
        length = int(self.matched(_LENGTH, "a text"))
        found = self.serialized[self.at : self.at + length]
        self.at += length
        if not self.serialized.startswith(b'";', self.at):
            raise NotPhpError(f"a text of {length} bytes does not end there", start)
        self.at += 2
        return found

    def array(self, depth: int) -> dict[int | bytes, Php]:
        if depth == MOST_DEPTH:
            raise NotPhpError(f"arrays nested more than {MOST_DEPTH} deep", self.at)
        start = self.at
        count = int(self.matched(_COUNT, "an array"))
        array: dict[int | bytes, Php] = {}
        for _ in range(count):
            key = self.key()
            array[key] = self.value(depth + 1)
        if not self.serialized.startswith(b"}", self.at):
            raise NotPhpError(f"an array of {count} does not end there", start)
        self.at += 1
        return array

    def key(self) -> int | bytes:
        self.count()
        match self.serialized[self.at : self.at + 1]:
            case b"i":
                return int(self.matched(_INT, "a key"))
            case b"s":
                return self.text()
        raise NotPhpError("a key is neither a number nor a text", self.at)

    def unexpected(self) -> NotPhpError:
        first = self.serialized[self.at : self.at + 1]
        if not first:
            return NotPhpError("it ends too early", self.at)
        refused = _REFUSED.get(first.upper())
        return NotPhpError(f"{refused}, which is not read" if refused else "no value", self.at)
