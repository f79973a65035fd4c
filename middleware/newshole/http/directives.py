"""`Cache-Control` and its kin, read so that what is malformed is never taken for permission.

See RFC 9111, section 5.2, and RFC 9213 for the fields that speak to some caches only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

Directives: TypeAlias = Mapping[bytes, bytes | None]
"""Values of directives by lower-case name, None for one without; `b""` is a value that cannot be read."""

FOREVER: Final = 2**31
"""Seconds that stand for all that is longer (RFC 9111, section 1.2.2)."""

_SEGMENT = re.compile(rb'[^,"]*(?:"(?:[^"\\]|\\.)*"[^,"]*)*')
_DIRECTIVE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:=(?:\"((?:[^\"\\]|\\.)*)\"|([^\s,\"]+)))?")
TOKEN: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The name of a field or a directive (RFC 9110, section 5.6.2)."""


def read_directives(field: bytes) -> Directives:
    """The directives of a field whose lines were joined by commas.

    One that is written twice with different values has the smaller number, and no readable value where
    they are no numbers.
    """
    found: dict[bytes, bytes | None] = {}
    for segment in segments(field):
        match = _DIRECTIVE.fullmatch(segment) or TOKEN.match(segment)
        if match is None:
            continue
        is_whole = match.re is _DIRECTIVE
        name = (match[1] if is_whole else match[0]).lower()
        value = (match[2] if match[2] is not None else match[3]) if is_whole else b""
        found[name] = value if name not in found else _smaller(found[name], value)
    return found


def seconds(directives: Directives, name: bytes) -> int | None:
    """The seconds of a directive: None where it is absent, 0 where its value cannot be read."""
    if name not in directives:
        return None
    value = directives[name] or b""
    return whole_seconds(value) if value.isdigit() else 0


def whole_seconds(digits: bytes) -> int:
    """Seconds that are written in digits, `FOREVER` at most; long numbers are slow to read."""
    return min(int(digits.lstrip(b"0")[:12] or b"0"), FOREVER)


def segments(field: bytes) -> list[bytes]:
    """The directives of a field as they are written, one each."""
    found: list[bytes] = []
    at = 0
    while at <= len(field):
        match = _SEGMENT.match(field, at)
        end = at if match is None else match.end()
        if end < len(field) and field[end : end + 1] != b",":  # a quote without an end: what is behind counts
            found.extend(field[at:].replace(b'"', b" ").split(b","))
            break
        found.append(field[at:end])
        at = end + 1
    return [stripped for each in found if (stripped := each.strip())]


def _smaller(one: bytes | None, other: bytes | None) -> bytes | None:
    if one == other:
        return one
    if one and other and one.isdigit() and other.isdigit():
        return min(one, other, key=whole_seconds)
    return b""
