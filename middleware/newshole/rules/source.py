"""One rules file, read into a tree with the line and column of every key and value.

YAML 1.2's core schema, whatever a `%YAML` line says: `no` is a word, `2024-07-19` is text until a key
wants a date. The file is read as ruamel.yaml's graph of nodes, before any value is made of it: so
duplicate keys are seen, anchors keep their place, and one mistake does not hide the next.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from codecs import BOM_UTF8
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import Node as YamlNode
from ruamel.yaml.nodes import ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from newshole.rules.tree import NOTHING, Entry, Items, Mapped, Mark, Node, Scalar, Told, Word, under

MOST_BYTES: Final = 1_000_000
"""The largest rules file that is read."""

MOST_NODES: Final = 100_000
"""The most values that a file may come to, aliases written out."""

MOST_DEPTH: Final = 40
"""How deep lists and mappings may be nested."""

_TOO_DEEP: Final = f"nested more than {MOST_DEPTH} deep"

_INT = re.compile(r"[-+]?[0-9]{1,300}|0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NULL: Final = frozenset(("", "~", "null", "Null", "NULL"))
_TRUTH: Final = {word: word.lower() == "true" for word in "true True TRUE false False FALSE".split()}
_PREFIX: Final = "tag:yaml.org,2002:"
_TAGS: Final = frozenset(
    _PREFIX + each for each in "str int float bool null timestamp merge map seq value".split()
)
_HALF = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile("\r\n|\r|\n")


def read_source(file: Path, told: Told) -> Node | None:
    """A file's tree; None where it is empty or cannot be read as YAML. Every mistake in it is told.

    Of a key that is there twice the first one counts. Raises OSError where the file cannot be opened.
    """
    with file.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        told.tell(Mark(file, 1, 1), f"the file is larger than {MOST_BYTES:,} bytes")
        return None
    content = content.removeprefix(BOM_UTF8)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        told.tell(_Reading(file, before, told).mark(len(before)), "the file is not in UTF-8")
        return None
    return read_text(text, file, told)


def read_text(text: str, file: Path, told: Told) -> Node | None:
    """The same of a file's text, without a byte-order mark."""
    return _Reading(file, text, told).read()


class _Reading:
    """One file on its way from text to tree."""

    def __init__(self, file: Path, text: str, told: Told) -> None:
        self.file, self.text, self.told = file, text, told
        self.lines = [0, *(match.end() for match in _LINE_END.finditer(text))]
        self.nodes = 0
        self.open: set[int] = set()

    def read(self) -> Node | None:
        try:
            node = _composed(self.text)
            return None if node is None else self.tree(node, "")
        except MarkedYAMLError as error:
            self.told.tell(*self.syntax(error))
        except ReaderError as error:
            at = self.mark(error.position or 0)
            self.told.tell(at, "not YAML: a character that must be written as an escape, in quotes")
        except RecursionError:
            self.told.tell(self.mark(_first_too_deep(self.text)), _TOO_DEEP)
        except _TooLarge:
            self.told.tell(self.mark(0), f"more than {MOST_NODES:,} values, with all aliases written out")
        return None

    def mark(self, index: int) -> Mark:
        line = bisect_right(self.lines, index)
        return Mark(self.file, line, index - self.lines[line - 1] + 1)

    def syntax(self, error: MarkedYAMLError) -> tuple[Mark, str]:
        """Where and what, in the parser's words: what is wrong, and what it was at.

        What is missed only where the file ends is told where it starts.
        """
        wrong, start = error.problem_mark or error.context_mark, error.context_mark
        index, first = (0 if each is None else each.index for each in (wrong, start))
        said = ", ".join(" ".join(each.split()) for each in (error.problem, error.context) if each)
        if "single document" in said:
            said = "a second document starts here, and a file holds one"
        elif r"'\t'" in said:
            said = "a tab; indent with spaces"
        elif start is not None and index >= (end := len(self.text.rstrip())):
            index = min(first, end - 1)
        elif start is not None and (line := self.mark(first).line) < self.mark(index).line:
            said += f" that starts in line {line}"
        return self.mark(index), f"not YAML: {said}"

    def tree(self, node: YamlNode, path: str) -> Node:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise _TooLarge
        mark = self.mark(node.start_mark.index)
        if node.tag not in _TAGS:
            return self.spoilt(
                mark, f'the tag "{(node.tag or "").removeprefix(_PREFIX)}" means nothing here', path
            )
        if len(self.open) == MOST_DEPTH:
            return self.spoilt(mark, _TOO_DEEP, "")
        if id(node) in self.open:
            return self.spoilt(mark, f'the anchor "{node.anchor}" holds itself', path)
        self.open.add(id(node))
        found = self.inside(node, mark, path)
        self.open.remove(id(node))
        return found

    def spoilt(self, mark: Mark, sentence: str, path: str) -> Scalar:
        self.told.tell(mark, sentence, path)
        self.told.spoil(mark)
        return Scalar(mark, NOTHING)

    def inside(self, node: YamlNode, mark: Mark, path: str) -> Node:
        if isinstance(node, ScalarNode):
            return Scalar(mark, self.word(node, mark, path), first=self.first(node, mark))
        if isinstance(node, SequenceNode):
            return Items(mark, tuple(self.tree(item, f"{path}[{n}]") for n, item in enumerate(node.value)))
        return self.mapped(node, mark, path)

    def mapped(self, node: YamlNode, mark: Mark, path: str) -> Mapped:
        own: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        seen: dict[str, Mark] = {}
        for key, value in node.value:
            at = self.mark(key.start_mark.index)
            if not isinstance(key, ScalarNode):
                self.told.tell(at, "expected a word as key, found a list or a mapping", path)
                continue
            name = self.whole(key.value, at, path)
            if (first := seen.setdefault(name, at)) is not at:
                sentence = f"the same key twice; the first is in line {first.line}"
                self.told.tell(at, sentence, under(path, name))
            elif key.tag == f"{_PREFIX}merge":
                merged = self.merged(value, mark, path)
            else:
                own[name] = Entry(at, self.value(value, at, under(path, name)))
        return Mapped(mark, {**own, **{key: entry for key, entry in merged.items() if key not in own}})

    def value(self, node: YamlNode, key: Mark, path: str) -> Node:
        """The value of a key; one that is not there stands where its key does."""
        tree = self.tree(node, path)
        is_absent = node.start_mark.index == node.end_mark.index
        return Scalar(key, NOTHING) if is_absent and isinstance(tree, Scalar) else tree

    def merged(self, node: YamlNode, mark: Mark, path: str) -> dict[str, Entry]:
        """What `<<` brings into the mapping at `mark`: of several the first goes over the next."""
        tree = self.tree(node, path)
        found: dict[str, Entry] = {}
        for each in tree.items if isinstance(tree, Items) else (tree,):
            if isinstance(each, Mapped):
                found = {**each.entries, **found}
            else:
                self.told.tell(each.mark, '"<<" takes a mapping, or a list of mappings', path)
                self.told.spoil(mark)
        return found

    def word(self, node: ScalarNode, mark: Mark, path: str) -> Word:
        if node.style in ("'", '"', "|", ">") or node.tag == f"{_PREFIX}str":
            return self.whole(node.value, mark, path)
        return _resolved(node.value)

    def first(self, node: ScalarNode, mark: Mark) -> Mark | None:
        """Where a text begins that the file has as it is: a literal block, or one line without escapes."""
        if node.style in ("|", ">"):
            return self.first_of_block(node.value.split("\n"), mark)
        start = node.start_mark.index + (node.style in ("'", '"'))
        is_plain = node.value and "\n" not in node.value and self.text.startswith(node.value, start)
        return self.mark(start) if is_plain else None

    def first_of_block(self, lines: list[str], mark: Mark) -> Mark | None:
        """The same of a text below its `|`, whose indentation the file has beyond the text's own."""
        indents = set()
        for n, line in enumerate(lines):
            if line.strip():
                at = mark.line + 1 + n
                written = self.text[self.line_start(at) : self.line_start(at + 1)].rstrip("\r\n")
                indents.add(len(written) - len(line) if written.endswith(line) else -1)
        indent = indents.pop() if len(indents) == 1 else -1
        return None if indent < 0 else Mark(self.file, mark.line + 1, indent + 1)

    def line_start(self, line: int) -> int:
        return self.lines[line - 1] if line <= len(self.lines) else len(self.text)

    def whole(self, text: str, mark: Mark, path: str) -> str:
        """The text, its characters whole where JSON's escapes write them in two halves."""
        if not _HALF.search(text):
            return text
        joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        if _HALF.search(joined):
            self.told.tell(mark, "half of a character; write its escape whole", path)
            self.told.spoil(mark)
        return _HALF.sub("\ufffd", joined)


class _TooLarge(Exception):  # noqa: N818 - never leaves this module
    """Raised where aliases blow a file up."""


def _composed(text: str) -> YamlNode | None:
    yaml = YAML(typ="safe", pure=True)
    yaml.composer.warn_double_anchors = False
    node: YamlNode | None = yaml.compose(text)
    return node


def _first_too_deep(text: str) -> int:
    """Where the parser first goes deeper than we do; events come without recursion."""
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > MOST_DEPTH:
            return int(event.start_mark.index)
    return 0


def _resolved(word: str) -> Word:
    """A bare word by YAML 1.2's core schema."""
    if word in _NULL:
        return NOTHING
    if word in _TRUTH:
        return _TRUTH[word]
    if _INT.fullmatch(word):
        return int(word, 0 if word[:2] in ("0o", "0x") else 10)
    if _FLOAT.fullmatch(word) and math.isfinite(number := float(word)):
        return number
    return word
