"""Values as YAML that reads back as what was meant, by this package and by readers of YAML 1.1."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeGuard

from newshole.rules.tree import Nothing

Value: TypeAlias = "str | int | float | bool | Nothing | Sequence[Value] | Mapping[str, Value] | None"
"""What a rules file can hold; None and `NOTHING` stand for a key without a value."""

WIDTH: Final = 100
"""Characters of a list or mapping in brackets at most, where it may have lines of its own."""

OPEN: Final = 3
"""The mappings of a file's first levels, down to a block, are never written in brackets."""

_LETTERS = re.compile(r"(?:[^\W\d_]|[/.][A-Za-z])[^\x00-\x1f\x7f-\x9f]*")
_MEASURE = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:%| [a-z]+)")
_INDICATORS = re.compile(r":(?:\s|$)|\s#")
_IN_BRACKETS = re.compile(r"[][{},:#]")
_OLD_WORDS: Final = frozenset("y n yes no on off true false null .inf .nan".split())
_ESCAPED = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_HALF = re.compile("[\ud800-\udfff]")
_LITERAL = re.compile(r"\S[^\n]*(?:\n(?:[^\t\n][^\n]*)?)*")


class UnwritableError(ValueError):
    """A value that YAML cannot hold so that it reads back."""


@dataclass(frozen=True, slots=True)
class Hand:
    """How a file is written: `step` is the indentation of a mapping below its key, `dash` that of a list."""

    step: int = 2
    dash: int = 2


def scalar(value: Value, *, in_brackets: bool = False, quote: str = "") -> str:
    """A word, number or truth value in one line, with the `quote` that stood there where that can be.

    Raises UnwritableError for what has no text of its own in YAML.
    """
    if value is None or isinstance(value, Nothing):
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if not isinstance(value, str):
        raise UnwritableError(f"{type(value).__name__} is no word")
    if _HALF.search(value):
        raise UnwritableError("half of a character cannot be written")
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if quote != '"' and _is_bare(value, in_brackets=in_brackets):
        return value
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def brackets(value: Value) -> str:
    """A value in one line, whatever it is."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key_of(key)} {brackets(each)}" for key, each in value.items()) + "}"
    if is_list(value):
        return "[" + ", ".join(map(brackets, value)) + "]"
    return scalar(value, in_brackets=True)


def key_of(name: str) -> str:
    """A key with its colon."""
    return scalar(name, in_brackets=True) + ":"


def lines(head: str, value: Value, indent: str, hand: Hand, level: int) -> list[str]:
    """The lines of a value behind its `head`, which is a key with its colon or a dash, at a level of the file
    (1 for the file's own keys)."""
    if isinstance(value, str) and _is_literal(value):
        chomp = "" if value.endswith("\n") else "-"
        inner = indent + " " * hand.step
        written = [inner + line if line else "" for line in value.removesuffix("\n").split("\n")]
        return [f"{indent}{head} |{chomp}", *written]
    below = [] if _fits_brackets(value, level) else [*_below(value, indent, hand, level, is_item=head == "-")]
    if not below:
        return [f"{indent}{head} {brackets(value) if _holds_more(value) else scalar(value)}"]
    if head == "-":
        return [f"{indent}- {below[0].lstrip(' ')}", *below[1:]]
    return [indent + head, *below]


def _below(value: Value, indent: str, hand: Hand, level: int, *, is_item: bool) -> Iterator[str]:
    """The lines of what a list or a mapping holds; none of a word."""
    if isinstance(value, Mapping):
        inner = indent + " " * (2 if is_item else hand.step)
        for key, each in value.items():
            yield from lines(key_of(key), each, inner, hand, level + 1)
    elif is_list(value):
        inner = indent + " " * (2 if is_item else hand.dash)
        for each in value:
            yield from lines("-", each, inner, hand, level + 1)


def is_list(value: Value) -> TypeGuard[Sequence[Value]]:
    """Whether a value is a list, which text is not."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def _holds_more(value: Value) -> bool:
    return isinstance(value, Mapping) or is_list(value)


def _fits_brackets(value: Value, level: int) -> bool:
    if isinstance(value, Mapping) and level < OPEN:
        return False
    return not _holds_more(value) or not (_needs_lines(value) or len(brackets(value)) > WIDTH)


def _needs_lines(value: Value) -> bool:
    """Whether it is a list of mappings, or has text of several lines or such a list in it."""
    if isinstance(value, Mapping):
        return any(map(_needs_lines, value.values()))
    if is_list(value):
        return any(isinstance(each, Mapping) or _needs_lines(each) for each in value)
    return isinstance(value, str) and "\n" in value


def _is_bare(text: str, *, in_brackets: bool) -> bool:
    """Whether text may stand without quotes and is text to every reader of YAML."""
    if _MEASURE.fullmatch(text):
        return True
    return (
        bool(_LETTERS.fullmatch(text))
        and text == text.strip()
        and text.casefold() not in _OLD_WORDS
        and not (_IN_BRACKETS if in_brackets else _INDICATORS).search(text)
        and not _ESCAPED.search(text)
    )


def _is_literal(text: str) -> bool:
    """Whether text of several lines reads back from below a `|`."""
    kept = text.removesuffix("\n")
    return (
        "\n" in text
        and bool(_LITERAL.fullmatch(kept))
        and not kept.endswith("\n")
        and all(line.isprintable() and (not line or line.strip()) for line in kept.split("\n"))
    )


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise UnwritableError("a number without an end cannot be written")
    return repr(value)
