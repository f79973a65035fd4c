"""Values from the environment: `${NAME}` in who fills a block (`serve`) and where it comes from (`source`).

They are filled in when rules load and are part of what the rules are: of their digest, too. No mistake and
no log ever shows one; where something is wrong with it, that is told of `${NAME}`.

What newshole itself takes from there (`NEWSHOLE_…`) is no rule's business, and who writes rules in the
console sets nothing there: they may keep the texts that the rules in service have, at a place of their kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from newshole.rules.tree import Entry, Items, Mapped, Node, Scalar, Told, entry_name, under

TAKES: Final = ("serve", "source")
"""The keys in whose values `${NAME}` is filled in."""

OWN: Final = "NEWSHOLE_"
"""What the names of newshole's own variables begin with."""

Taken: TypeAlias = tuple[str, str]
"""A text with `${NAME}` in it: its place from `serve` or `source` on, such as "serve.gpt.unit", and as it is
written."""

_OTHERS_OWN: Final = "html"
"""The key of markup, in which scripts may write `${…}` too."""

_NAME = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)\}")
_PLACE: Final = re.compile(r"(?:^|\.)((?:serve|source)(?:[.\[].*)?)$")
_ENTRY: Final = re.compile(r"\[[^\]]*\]")


def filled(
    tree: Mapped, environment: Mapping[str, str], told: Told, known: frozenset[Taken] | None = None
) -> Mapped:
    """A file's tree with what it takes from the environment; what is missing there is told, and so is what is
    none of those `known`, where they are given."""
    made = _Filling(environment, told, known).node(tree, "", is_open=False)
    return made if isinstance(made, Mapped) else tree


def taken(tree: Mapped) -> frozenset[Taken]:
    """What a file's tree takes from the environment."""
    looked = _Looking()
    looked.node(tree, "", is_open=False)
    return frozenset(looked.found)


def place_of(path: str) -> str:
    """The place of a text from `serve` or `source` on, without the names of what it is an entry of."""
    found = _PLACE.search(path)
    return _ENTRY.sub("[]", found[1] if found else path)


class _Filling:
    def __init__(
        self, environment: Mapping[str, str], told: Told, known: frozenset[Taken] | None = None
    ) -> None:
        self.environment, self.told, self.known = environment, told, known

    def node(self, node: Node, path: str, *, is_open: bool) -> Node:
        """The node, filled in; `is_open` below a key that takes values from the environment."""
        if isinstance(node, Mapped):
            entries = {
                key: Entry(entry.mark, self.below(key, entry.node, path, is_open=is_open))
                for key, entry in node.entries.items()
            }
            return Mapped(node.mark, entries)
        if isinstance(node, Items):
            items = (
                self.node(item, f"{path}[{entry_name(item) or n}]", is_open=is_open)
                for n, item in enumerate(node.items)
            )
            return Items(node.mark, tuple(items))
        return self.scalar(node, path, is_open=is_open)

    def below(self, key: str, node: Node, path: str, *, is_open: bool) -> Node:
        # What overrides set has whole paths for keys.
        if key == _OTHERS_OWN or key.endswith(f".{_OTHERS_OWN}"):
            return node
        return self.node(node, under(path, key), is_open=is_open or not {*TAKES}.isdisjoint(key.split(".")))

    def scalar(self, node: Scalar, path: str, *, is_open: bool) -> Scalar:
        if not isinstance(node.value, str) or not _NAME.search(node.value):
            return node
        if not is_open:
            self.told.tell(node.mark, '"${…}" is filled in below "serve" and "source" only', path)
            self.told.spoil(node.mark)
            return node
        wrong = [*self.wrong(node.value, path)]
        for sentence in wrong:
            self.told.tell(node.mark, sentence, path)
        if wrong:
            self.told.spoil(node.mark)
            return node
        value = _NAME.sub(lambda name: self.environment[name[1]], node.value)
        return Scalar(node.mark, value, node.value)

    def wrong(self, text: str, path: str) -> Iterator[str]:
        """Why a text cannot be filled in."""
        names = _NAME.findall(text)
        own = [name for name in names if name.startswith(OWN)]
        if own:
            yield f"{own[0]} is a setting of newshole itself, which no rule may name"
        elif self.known is not None and (place_of(path), text) not in self.known:
            yield (
                "the rules in service have no such text here, and in the console nothing else may be taken "
                f"from the environment ({', '.join(names)}): publish it from the command line"
            )
        else:
            yield from (f"the environment has no {name}" for name in names if name not in self.environment)


class _Looking(_Filling):
    """Looks at what would be filled in, and fills in nothing."""

    def __init__(self) -> None:
        super().__init__({}, Told())
        self.found: set[Taken] = set()

    def scalar(self, node: Scalar, path: str, *, is_open: bool) -> Scalar:
        if is_open and isinstance(node.value, str) and _NAME.search(node.value):
            self.found.add((place_of(path), node.value))
        return node
