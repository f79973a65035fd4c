"""Values from the environment: `${NAME}` in who fills a block (`serve`) and where it comes from (`source`).

They are filled in when rules load and are part of what the rules are: of their digest, too. No mistake and
no log ever shows one; where something is wrong with it, that is told of `${NAME}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from newshole.rules.tree import Entry, Items, Mapped, Node, Scalar, Told, entry_name, under

TAKES: Final = ("serve", "source")
"""The keys in whose values `${NAME}` is filled in."""

_OTHERS_OWN: Final = "html"
"""The key of markup, in which scripts may write `${…}` too."""

_NAME = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)\}")


def filled(tree: Mapped, environment: Mapping[str, str], told: Told) -> Mapped:
    """A file's tree with what it takes from the environment; what is missing there is told."""
    made = _Filling(environment, told).node(tree, "", is_open=False)
    return made if isinstance(made, Mapped) else tree


class _Filling:
    def __init__(self, environment: Mapping[str, str], told: Told) -> None:
        self.environment, self.told = environment, told

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
        missing = [name for name in _NAME.findall(node.value) if name not in self.environment]
        for name in missing:
            self.told.tell(node.mark, f"the environment has no {name}", path)
        if missing:
            self.told.spoil(node.mark)
            return node
        value = _NAME.sub(lambda name: self.environment[name[1]], node.value)
        return Scalar(node.mark, value, node.value)
