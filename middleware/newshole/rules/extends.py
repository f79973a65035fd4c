"""Files that extend others: the keys of one go over those of the other, mapping by mapping.

What is one choice is replaced whole (a place, who fills an ad), and so is a block of another kind. A key
without a value takes the base's away. Every value keeps the mark of where it is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from newshole.rules.block_model import BLOCKS
from newshole.rules.environment import Taken, filled
from newshole.rules.model import RulesWritten
from newshole.rules.packs import find_pack, packs
from newshole.rules.problems import read_as
from newshole.rules.source import read_source
from newshole.rules.tree import Entry, Mapped, Mark, Node, Told, in_words, quoted
from newshole.rules.written import meant

CHOICES: Final = frozenset(("place", "serve", "weather"))
"""Keys of a block whose mappings are one choice."""

RIVALS: Final = {
    "place": "prefer",
    "prefer": "place",
    "action": "url",
    "url": "action",
    "network": "networks",
    "networks": "network",
    "title": "items",
    "items": "title",
}
"""Keys of a block that stand for each other."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What files of rules may reach beside their own text: the other files in a `folder`, any where it is
    None, and of the environment what is `known`, all but newshole's own where it is None. Packs they may
    always extend."""

    folder: Path | None = None
    known: frozenset[Taken] | None = None


EVERYWHERE: Final = Reach()


@dataclass(frozen=True, slots=True)
class Merged:
    """A file's tree with its bases under it; not `is_complete` where a base could not be read."""

    tree: Mapped
    is_complete: bool = True


class Shelf:
    """The files of one load, each read once; `bases` are those that another one extends, and `looked_at` is
    where files were looked for, found or not."""

    def __init__(self, told: Told, reach: Reach = EVERYWHERE) -> None:
        self.told, self.reach = told, reach
        self.bases: set[Path] = set()
        self.looked_at: set[Path] = set()
        self._judged: set[Path] = set()
        self._trees: dict[Path, Mapped | None] = {}
        self._circles: set[frozenset[Path]] = set()

    def merged(self, file: Path, above: tuple[Path, ...] = ()) -> Merged | None:
        """The rules of a file; None where it is not one. Raises OSError where it cannot be opened."""
        tree = self._read(file)
        if tree is None:
            return None
        if "extends" not in tree.entries or tree.has_nothing("extends"):
            return Merged(tree)
        base = self._base(tree, file, (*above, file.resolve()))
        if base is None:
            return Merged(tree, is_complete=False)
        return Merged(over(base.tree, tree), base.is_complete)

    def _read(self, file: Path) -> Mapped | None:
        self.looked_at.add(file)
        key = file.resolve()
        if key not in self._trees:
            self._trees[key] = self._mapping(file)
        return self._trees[key]

    def _mapping(self, file: Path) -> Mapped | None:
        before = len(self.told)
        node = read_source(file, self.told)
        if isinstance(node, Mapped):
            return filled(node, os.environ, self.told, self.reach.known)
        if node is not None or len(self.told) == before:
            mark = node.mark if node else Mark(file, 1, 1)
            found = in_words(node) if node else "an empty file"
            self.told.tell(mark, f'expected a mapping of keys such as "blocks", found {found}')
        return None

    def _base(self, tree: Mapped, file: Path, above: tuple[Path, ...]) -> Merged | None:
        name, mark = tree.word("extends"), tree.entries["extends"].node.mark
        if name is None:
            return None
        if self._is_beyond(name, file):
            sentence = f"{quoted(name)} is not among these files: write its path from here"
            self.told.tell(mark, sentence, "extends")
            return None
        self.looked_at.add(file.parent / name)
        try:
            base = _found(name, file)
            if base is None:
                self.told.tell(mark, _unfound(name, file), "extends")
                return None
            if base.resolve() in above:
                self._tell_circle(mark, (*above[above.index(base.resolve()) :], base))
                return None
            merged = self.merged(base, above)
        except OSError as error:
            self.told.tell(mark, f"the file cannot be read: {error.strerror}", "extends")
            return None
        self._judge(base.resolve(), merged)
        return merged

    def _is_beyond(self, name: str, file: Path) -> bool:
        """Whether a file would extend one out of reach; the disk is not even asked whether there is any."""
        folder = self.reach.folder
        if folder is None or not file.is_relative_to(folder):
            return False
        meant = Path(os.path.abspath(file.parent / name))  # noqa: PTH100 - resolve() would ask the disk
        return not meant.is_relative_to(folder)

    def _judge(self, base: Path, merged: Merged | None) -> None:
        """Tell what is wrong in a base, though the files over it may hide it."""
        if merged is not None and base not in self._judged:
            read_as(RulesWritten, merged.tree, self.told, complete=False)
        self._judged.add(base)
        self.bases.add(base)

    def _tell_circle(self, mark: Mark, files: tuple[Path, ...]) -> None:
        circle = frozenset(files[:-1])
        self.bases |= circle
        if circle not in self._circles:
            self._circles.add(circle)
            chain = " extends ".join(file.name for file in files)
            self.told.tell(mark, f"a circle: {chain}", "extends")


def _found(name: str, file: Path) -> Path | None:
    beside = file.parent / name
    return beside if beside.is_file() else find_pack(name)


def _unfound(name: str, file: Path) -> str:
    sentence = f"no file beside this one and no pack is named {quoted(name)}"
    beside = (each.name for each in file.parent.glob("*.y*ml") if each.name != file.name)
    return sentence + meant(name, [*beside, *packs()])


def over(base: Mapped, own: Mapped, path: tuple[str, ...] = ()) -> Mapped:
    """`own` over `base`: the base's keys in their order, then what is new."""
    entries = dict(base.entries)
    if _is_block(path):
        entries = {key: entry for key, entry in entries.items() if RIVALS.get(key) not in own.entries}
    for key, entry in own.entries.items():
        if key in base.entries and own.has_nothing(key):
            entries.pop(key, None)
        else:
            entries[key] = Entry(entry.mark, _over(base.get(key), entry.node, (*path, key)))
    return Mapped(own.mark, entries)


def _over(base: Node | None, own: Node, path: tuple[str, ...]) -> Node:
    if not isinstance(base, Mapped) or not isinstance(own, Mapped):
        return own
    if _is_block(path[:-1]) and path[-1] in CHOICES:
        return own
    if _is_block(path) and own.word("kind") not in (None, base.word("kind")):
        return own
    return over(base, own, path)


def _is_block(path: tuple[str, ...]) -> bool:
    return len(path) == 2 and path[0] in ("blocks", "defaults")


def with_defaults(tree: Mapped) -> Mapped:
    """The rules with the defaults of its kind under every block, but for `when`: there both must hold."""
    blocks, defaults = tree.mapped("blocks"), tree.mapped("defaults")
    if blocks is None or defaults is None:
        return tree
    filled = {
        block: Entry(entry.mark, _filled(entry.node, defaults)) for block, entry in blocks.entries.items()
    }
    return tree.replaced("blocks", Mapped(blocks.mark, filled))


def _filled(block: Node, defaults: Mapped) -> Node:
    own = defaults.mapped(block.word("kind") or "") if isinstance(block, Mapped) else None
    if own is None or not isinstance(block, Mapped):
        return block
    kept = {
        key: entry
        for key, entry in block.entries.items()
        if key not in own.entries or not block.has_nothing(key)
    }
    return Mapped(block.mark, {**kept, **dict(_missing(own, block))})


def _missing(defaults: Mapped, block: Mapped) -> Iterator[tuple[str, Entry]]:
    model = BLOCKS.get(block.word("kind") or "")
    for key, entry in defaults.entries.items():
        is_written = key in block.entries or RIVALS.get(key) in block.entries
        if model and key in model.key_names() and key not in ("kind", "when") and not is_written:
            yield key, entry
