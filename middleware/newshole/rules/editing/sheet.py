"""A rules file as text whose values can be replaced one by one; nothing else in it changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from newshole.rules.editing.pieces import MERGE, Part, Piece, pieces
from newshole.rules.editing.writing import Hand, brackets, key_of, lines, scalar
from newshole.rules.tree import Plain

Steps: TypeAlias = tuple[str | int, ...]
"""Keys of mappings and numbers of items, from the top."""

_NOT_LINE_END: Final = re.compile(r"[^\r\n]*")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_COMMA: Final = re.compile(r"\s*,")


class UneditableError(Exception):
    """A place that cannot be changed by itself, and why."""


class Sheet:
    """A text on the desk. Its methods give the text with one change; the paths are of what is written there,
    and they raise UneditableError where something of it is written elsewhere, or used elsewhere."""

    def __init__(self, text: str) -> None:
        self.text = text
        found = pieces(text)
        if len(found) > 1:
            raise UneditableError("the file holds several documents")
        self.root = found[0] if found and found[0].end > found[0].start else None
        end = _LINE_END.search(text)
        self.newline = end[0] if end else "\n"
        self.hand = _hand(text, self.root)

    def is_alias(self, path: Steps) -> bool:
        """Whether what stands there is only a name for what stands elsewhere."""
        part = self._trail(path)[-1]
        return part is not None and part.value.shape == "alias"

    def put(self, path: Steps, value: Plain) -> str:
        """With another value where there is one."""
        trail = self._trail(path)
        part = trail[-1]
        if part is None:
            return self.added(path, value)
        self._check_unused(part.value)
        if self._is_in_brackets(path):
            return self._put_in_brackets(part, value)
        return self._put_on_lines(part, value, len(path))

    def added(self, path: Steps, value: Plain) -> str:
        """With a new key at the end of its mapping, or a new item before the one that has its number."""
        parent = self._parent(path)
        if parent is None:
            return self._begun(path, value)
        step = path[-1]
        if not parent.parts and not self._is_in_brackets(path[:-1]):
            return self.put(path[:-1], {step: value} if isinstance(step, str) else [value])
        if parent.style or self._is_in_brackets(path):
            return self._added_in_brackets(parent, step, value)
        head = key_of(step) if isinstance(step, str) else "-"
        column = self._column(parent.parts[0].start)
        written = lines(head, value, " " * column, self.hand, len(path))
        if isinstance(step, int) and step < len(parent.parts):
            at = parent.parts[step].start
            return self._spliced((at, at, self._joined(written).lstrip(" ") + self.newline + " " * column))
        end = self._line_end(parent.parts[-1].value.end)
        gap = self.newline * (1 + self._are_apart(parent))
        return self._spliced((end, end, gap + self._joined(written) + self._end_of_file(end, written)))

    def without(self, path: Steps) -> str:
        """Without a key or an item, and without its value."""
        parent, part = self._parent(path), self._trail(path)[-1]
        if parent is None or part is None:
            raise UneditableError(f'it comes with "{MERGE}", from another place in the file')
        self._check_unused(part.value)
        n = parent.parts.index(part)
        if len(parent.parts) == 1 and len(path) > 1:
            return self.put(path[:-1], {} if parent.shape == "mapping" else [])
        if parent.style:
            return self._without_in_brackets(parent, n)
        if not self._is_first_on_line(part.start):
            return self._spliced((part.start, parent.parts[n + 1].start, ""))
        return self._spliced((self._line_start(part.start), self._next_line(part.value.end), ""))

    def moved(self, path: Steps, before: str) -> str:
        """With a key before another one of its mapping, or behind all of them for ""; the comments right
        above it go with it."""
        parent, part = self._parent(path), self._trail(path)[-1]
        target = parent.part(before) if parent is not None else None
        if parent is None or part is None or (before and target is None):
            raise UneditableError("there is no such key to move")
        if parent.style or not all(self._is_first_on_line(each.start) for each in parent.parts):
            raise UneditableError("keys that share a line are moved by hand")
        if target is part or (target is None and part is parent.parts[-1]):
            return self.text
        return self._moved(part, target, parent.parts[-1])

    # Where things are.

    def _trail(self, path: Steps) -> list[Part | None]:
        """The parts on the way to a path; None for one that comes with `<<` or is not there, as the last."""
        found: list[Part | None] = []
        piece = self.root
        for n, step in enumerate(path):
            if piece is None or piece.shape == "alias":
                name = f'"*{piece.anchor}"' if piece else f'"{MERGE}"'
                raise UneditableError(f"it comes with {name}, from another place in the file")
            if n:
                self._check_own(piece)
            part = self._step(piece, step)
            found.append(part)
            piece = part.value if part else None
        return found

    def _step(self, piece: Piece, step: str | int) -> Part | None:
        if isinstance(step, str):
            return piece.part(step)
        return piece.parts[step] if piece.shape == "list" and 0 <= step < len(piece.parts) else None

    def _parent(self, path: Steps) -> Piece | None:
        if len(path) == 1:
            return self.root
        part = self._trail(path[:-1])[-1]
        if part is None:
            raise UneditableError(f'it comes with "{MERGE}", from another place in the file')
        if part.value.shape == "alias":
            raise UneditableError(f'it comes with "*{part.value.anchor}", from another place in the file')
        self._check_own(part.value)
        return part.value

    def _check_own(self, piece: Piece) -> None:
        """Refuse what is also shown elsewhere, by its anchor."""
        if piece.anchor and self.root and piece.anchor in self.root.aliases:
            raise UneditableError(f'other places use it too, by "*{piece.anchor}"')

    def _check_unused(self, piece: Piece) -> None:
        """Refuse to take away an anchor that is used."""
        used = piece.anchors & self.root.aliases if self.root else frozenset()
        for name in sorted(used):
            raise UneditableError(f'other places use it too, by "*{name}"')

    def _is_in_brackets(self, path: Steps) -> bool:
        """Whether a value stands in the brackets of something around it."""
        around = [self.root, *(part.value for part in self._trail(path[:-1]) if part)]
        return any(each is not None and each.style == "[" for each in around)

    def _line_start(self, at: int) -> int:
        return max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1

    def _line_end(self, at: int) -> int:
        found = _NOT_LINE_END.match(self.text, at)
        return found.end() if found else at

    def _next_line(self, at: int) -> int:
        end = self._line_end(at)
        found = _LINE_END.match(self.text, end)
        return found.end() if found else end

    def _column(self, at: int) -> int:
        return at - self._line_start(at)

    def _is_first_on_line(self, at: int) -> bool:
        return not self.text[self._line_start(at) : at].strip(" ")

    # How they are changed.

    def _joined(self, written: list[str]) -> str:
        return self.newline.join(written)

    def _end_of_file(self, end: int, written: list[str]) -> str:
        """What ends the last of some lines where the file has none behind them."""
        return self.newline if written and end == len(self.text) else ""

    def _spliced(self, *splices: tuple[int, int, str]) -> str:
        text = self.text
        inwards = sorted(enumerate(splices), key=lambda each: (each[1][0], each[0]), reverse=True)
        for _, (start, end, new) in inwards:
            text = text[:start] + new + text[end:]
        return text

    def _begun(self, path: Steps, value: Plain) -> str:
        """The first key of a file that has none."""
        written = self._joined(lines(key_of(str(path[0])), value, "", self.hand, 1))
        gap = "" if not self.text or self.text.endswith(("\n", "\r")) else self.newline
        return self.text + gap + written + self.newline

    def _put_in_brackets(self, part: Part, value: Plain) -> str:
        old = part.value
        quote = old.style if isinstance(value, str) else ""
        new = scalar(value, in_brackets=True, quote=quote) if quote else brackets(value)
        gap = " " if old.start == old.end else ""
        return self._spliced((old.start, old.end, gap + new))

    def _put_on_lines(self, part: Part, value: Plain, level: int) -> str:
        old = part.value
        indent, head = " " * self._column(part.start), self.text[part.start : part.mark]
        first, *below = lines(head, value, indent, self.hand, level)
        rest = first[len(indent) + len(head) :]
        if not below and isinstance(value, str) and old.style in ("'", '"'):
            rest = " " + scalar(value, quote=old.style)
        if old.start > self._line_end(part.mark):
            return self._put_below(part, value, rest, below)
        start = part.mark
        if not below and old.shape == "scalar" and old.style not in ("|", ">") and old.end > old.start:
            start, rest = old.start, rest.lstrip(" ")
        end = self._line_end(old.end)
        more = "".join(self.newline + line for line in below)
        return self._spliced((start, old.end, rest), (end, end, more + self._end_of_file(end, below)))

    def _put_below(self, part: Part, value: Plain, rest: str, below: list[str]) -> str:
        """In the place of a value that has lines of its own below its key; comments between stay."""
        old = part.value
        start = self._line_start(old.start)
        if isinstance(value, str):
            start = self._next_line(part.mark)
        more = "".join(line + self.newline for line in below)
        end = self._next_line(old.end)
        return self._spliced((part.mark, part.mark, rest), (start, end, more))

    def _added_in_brackets(self, parent: Piece, step: str | int, value: Plain) -> str:
        new = f"{key_of(step)} {brackets(value)}" if isinstance(step, str) else brackets(value)
        if isinstance(step, int) and step < len(parent.parts):
            at = parent.parts[step].start
            return self._spliced((at, at, f"{new}, "))
        if not parent.parts:
            return self._spliced((parent.end - 1, parent.end - 1, new))
        at = parent.parts[-1].value.end
        comma = _COMMA.match(self.text, at)
        if comma:
            return self._spliced((comma.end(), comma.end(), f" {new}"))
        return self._spliced((at, at, f", {new}"))

    def _without_in_brackets(self, parent: Piece, n: int) -> str:
        part = parent.parts[n]
        comma = _COMMA.match(self.text, part.value.end)
        if comma is None and n:
            return self._spliced((parent.parts[n - 1].value.end, part.value.end, ""))
        start, end = part.start, comma.end() if comma else part.value.end
        while end < len(self.text) and self.text[end] == " ":
            end += 1
        if self._is_first_on_line(start) and self._line_end(end) == end:
            start, end = self._line_start(start), self._next_line(end)
        return self._spliced((start, end, ""))

    def _moved(self, part: Part, target: Part | None, last: Part) -> str:
        start, end = self._with_comments(part), self._next_line(part.value.end)
        body = self.text[start:end]
        if not body.endswith(("\n", "\r")):
            body += self.newline
        above, below = self._blank_before(start), self._blank_after(end)
        if target is None:
            gap, cut = self.text[end:below], (start, below)
            at = self._next_line(last.value.end)
            body = gap + body
            if not self.text[:at].endswith(("\n", "\r")):
                body = self.newline + body
        elif part is last:
            gap, cut, at = self.text[above:start], (above, end), self._with_comments(target)
            body += gap
        else:
            gap, cut, at = self.text[end:below], (start, below), self._with_comments(target)
            body += gap
        return self._spliced((*cut, ""), (at, at, body))

    def _with_comments(self, part: Part) -> int:
        """Where the lines of a key begin, with the comments right above it that stand in its column."""
        start = self._line_start(part.start)
        lead = " " * self._column(part.start) + "#"
        for line in self._lines_before(start):
            if not self.text.startswith(lead, line):
                break
            start = line
        return start

    def _are_apart(self, piece: Piece) -> bool:
        """Whether an empty line stands before the last part of several."""
        start = self._with_comments(piece.parts[-1])
        return len(piece.parts) > 1 and self._blank_before(start) < start

    def _blank_before(self, at: int) -> int:
        for line in self._lines_before(at):
            if self.text[line:at].strip():
                break
            at = line
        return at

    def _blank_after(self, at: int) -> int:
        while at < len(self.text) and not self.text[at : self._line_end(at)].strip():
            at = self._next_line(at)
        return at

    def _lines_before(self, at: int) -> Iterator[int]:
        """The beginnings of the lines before the one that begins there, the nearest first."""
        while at > 0:
            at = self._line_start(at - (2 if self.text.endswith("\r\n", 0, at) else 1))
            yield at


def _hand(text: str, root: Piece | None) -> Hand:
    """How a file is indented, as its first mapping and list below a key are."""
    found = dict(_indents(text, root)) if root else {}
    return Hand(found.get("mapping", 2), found.get("list", 2))


def _indents(text: str, piece: Piece) -> Iterator[tuple[str, int]]:
    """How far lists and mappings stand behind their keys, the first ones last."""
    for part in reversed(piece.parts):
        yield from _indents(text, part.value)
        inner = part.value
        if (
            piece.shape == "mapping"
            and inner.parts
            and not inner.style
            and not inner.anchor
            and not piece.style
        ):
            yield inner.shape, _column(text, inner.start) - _column(text, part.start)


def _column(text: str, at: int) -> int:
    return at - max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) - 1
