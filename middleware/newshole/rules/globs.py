"""Patterns of paths and hosts, in time that grows with the length of what is compared.

A path is compared part by part: `*` stands for anything within one part, a part `**` for any number of
parts, and at the end for at least one. In a host `*` stands for any number of its labels, or a part of one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias
from urllib.parse import unquote

Fits: TypeAlias = Callable[[str], bool]

LONGEST_PATH: Final = 2_048
"""A longer path fits nothing, so that no reader can make the comparing slow."""

LONGEST_HOST: Final = 255
"""The same for hosts; DNS has no longer ones."""


def path_fits(glob: str) -> Fits:
    """Whether a path is one of those that the glob stands for."""
    parts = unquote(glob).rstrip("/").split("/")
    if parts[-1] == "**":
        parts.append("*")
    patterns = [None if part == "**" else _part(part) for part in parts]

    def fits(path: str) -> bool:
        if len(path) > LONGEST_PATH:
            return False
        at = _skipped({0}, patterns)
        for part in unquote(path).rstrip("/").split("/"):
            at = _skipped(set(_after(at, part, patterns)), patterns)
        return len(patterns) in at

    return fits


def host_fits(glob: str) -> Fits:
    """Whether a host is one of those that the glob stands for: `*.news.example` is every host below."""
    pattern = _part(rootless(glob.lower()))
    return lambda host: len(host) <= LONGEST_HOST and pattern.fullmatch(rootless(host.lower())) is not None


def rootless(host: str) -> str:
    """A host, with its port where it has one, without the dot for the root of all names: "news.example." is
    the same one as "news.example" (RFC 1034, section 3.1)."""
    name, colon, port = host.rpartition(":")
    return f"{name.removesuffix('.')}:{port}" if colon and port.isdigit() else host.removesuffix(".")


def _part(glob: str) -> re.Pattern[str]:
    """A pattern for one part of a path, in time that grows with its length (atomic groups)."""
    first, *rest = map(re.escape, glob.split("*"))
    if not rest:
        return re.compile(first)
    *inner, last = rest
    middle = "".join(f"(?>.*?{each})" for each in inner)
    some = "+" if glob == "*" else "*"
    return re.compile(f"{first}{middle}.{some}{last}", re.DOTALL)


def _after(at: set[int], part: str, patterns: list[re.Pattern[str] | None]) -> Iterable[int]:
    """The places in the pattern that one part of the path leads to."""
    for n in at:
        if n < len(patterns):
            pattern = patterns[n]
            if pattern is None:
                yield n
            elif pattern.fullmatch(part):
                yield n + 1


def _skipped(at: set[int], patterns: list[re.Pattern[str] | None]) -> set[int]:
    """The same, and the places behind every `**` there: it may stand for no part at all."""
    for n in sorted(at):
        while n < len(patterns) and patterns[n] is None:
            n += 1
            at.add(n)
    return at
