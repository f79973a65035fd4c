"""Rules files as people write them on a bad day: every style that YAML has, mixed, with comments everywhere.

What is written is known line by line, so that a test can say which lines a change may touch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from typing import Final

from hypothesis import strategies as st

from newshole.rules.editing.sheet import Steps
from newshole.rules.tree import NOTHING, Plain

WORDS: Final = (
    "", "plain", "two words", "no", "1e3", "0x1f", "2024-07-19", "12:30:45", "a: b", "a #b", "#x", "- x",
    "? x", "*a", "&a", "!t", "%d", "@x", "`x", "{{ x }}", "[x", "x]", "x, y", "it's", '"quoted"', "'",
    " lead", "trail ", "\t", "a\tb", "😀", "سوق السمك", "\u202eRTL", "null", "~", "true", "<<", "=", "---",
    "...", "back\\slash", "a\nb", "a\n\nb\n", "\nx", " x\ny", "x\n\n", "x\n\t y", "\x07", "\u2028", "\x85",
    "\r\n", "\ufeff", "60%", "350 words",
)  # fmt: skip

words: st.SearchStrategy[str] = st.sampled_from(WORDS) | st.text(max_size=8)
scalars = words | st.integers(-10, 10_000) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
keys = st.sampled_from(("a", "b", "gap", "no", "1", "a b", "ключ", "x-y", "it's", "c: d", "#k")) | st.text(
    "abc", min_size=1, max_size=3
)
values: st.SearchStrategy[Plain] = st.recursive(
    scalars | st.just(NOTHING),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
trees = st.dictionaries(keys, values, min_size=1, max_size=4)


def is_sound(value: Plain) -> bool:
    """Whether a value can be in a file at all: halves of characters cannot."""
    try:
        json.dumps(value, default=str, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass
class Page:
    """A file being written; `spans` has the first and the last line of every value, from 0."""

    random: Random
    lines: list[str] = field(default_factory=list)
    spans: dict[Steps, tuple[int, int]] = field(default_factory=dict)

    def whole(self, tree: dict[str, Plain]) -> None:
        self.noise("")
        self.mapping(tree, (), 0)
        self.noise("")

    def mapping(self, tree: dict[str, Plain], path: Steps, column: int, lead: str = "") -> None:
        for key, value in tree.items():
            if not lead:
                self.noise(" " * column)
            self.entry(lead or " " * column, _quoted(key) + ":", value, (*path, key), column)
            lead = ""

    def items(self, tree: list[Plain], path: Steps, column: int, lead: str = "") -> None:
        for n, value in enumerate(tree):
            if not lead:
                self.noise(" " * column)
            self.entry(lead or " " * column, "-", value, (*path, n), column)
            lead = ""

    def entry(self, lead: str, head: str, value: Plain, path: Steps, column: int) -> None:
        first = len(self.lines)
        if isinstance(value, dict | list) and value and self.random.random() < 0.7:
            self.nested(lead, head, value, path, column)
        else:
            self.word(lead + head, value, column)
            if isinstance(value, dict | list):
                self.inside(value, path, first)
        self.spans[path] = first, len(self.lines) - 1

    def nested(
        self, lead: str, head: str, value: dict[str, Plain] | list[Plain], path: Steps, column: int
    ) -> None:
        is_compact = head == "-" and self.random.random() < 0.5
        inner = column + (2 if is_compact else self.random.randint(1, 4))
        if head != "-" and isinstance(value, list) and self.random.random() < 0.3:
            inner = column
        if not is_compact:
            self.lines.append(
                lead + head + self.random.choice(("", " &own" + str(len(self.lines)), "")) + self.tail()
            )
        start = f"{lead}- " if is_compact else ""
        if isinstance(value, dict):
            self.mapping(value, path, inner, start)
        else:
            self.items(value, path, inner, start)

    def word(self, head: str, value: Plain, column: int) -> None:
        text = value if isinstance(value, str) else ""
        if value is NOTHING and self.random.random() < 0.7:
            self.lines.append(head + self.tail())
        elif _is_literal(text) and self.random.random() < 0.7:
            inner = " " * (column + self.random.randint(1, 3))
            chomp = "" if text.endswith("\n") else "-"
            self.lines.append(f"{head} |{chomp}" + self.tail())
            self.lines += [inner + line if line else "" for line in text.removesuffix("\n").split("\n")]
        else:
            gap = " " * self.random.choice((1, 1, 3))
            self.lines.append(head + gap + self.brackets(value) + self.tail())

    def brackets(self, value: Plain) -> str:
        """A value in one line."""
        pad, comma = self.random.choice(("", " ")), self.random.choice(("", ",", " ,"))
        if isinstance(value, dict):
            inner = ", ".join(f"{_quoted(key)}: {self.brackets(each)}" for key, each in value.items())
            return "{" + pad + inner + (comma if inner else "") + pad + "}"
        if isinstance(value, list):
            inner = " , ".join(map(self.brackets, value))
            return "[" + pad + inner + (comma if inner else "") + pad + "]"
        if value is NOTHING:
            return self.random.choice(("null", "~"))
        if isinstance(value, str):
            is_simple = value.isprintable() and self.random.random() < 0.5
            return "'" + value.replace("'", "''") + "'" if is_simple else _quoted(value)
        return json.dumps(value)

    def inside(self, value: dict[str, Plain] | list[Plain], path: Steps, line: int) -> None:
        """Note that all below a value stands in its line."""
        for step, each in value.items() if isinstance(value, dict) else enumerate(value):
            self.spans[(*path, step)] = line, line
            if isinstance(each, dict | list):
                self.inside(each, (*path, step), line)

    def tail(self) -> str:
        return self.random.choice(("", "", " # why", "   # a: b - 'c", " "))

    def noise(self, indent: str) -> None:
        while self.random.random() < 0.3:
            self.lines.append(self.random.choice(("", indent + "# note: - x", "# ] } | x", indent)))


def _quoted(text: str) -> str:
    if text.isascii() and text.isalpha() and text.lower() not in ("null", "true", "false"):
        return text
    return json.dumps(text)


def _is_literal(text: str) -> bool:
    lines = text.removesuffix("\n").split("\n")
    return all(line.isprintable() and line == line.strip() for line in lines) and all((lines[0], lines[-1]))
