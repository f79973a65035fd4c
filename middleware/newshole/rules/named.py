"""What the rules call by name: blocks in lists of them, and the entries of a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from newshole.rules.written import Conflict, found_in, meant

NO_STORY_NEEDED: Final = ("page-top", "page-bottom")
"""The stacks of every page."""


def unknown_blocks(written: Mapping[str, object]) -> Iterator[Conflict]:
    """Ids in `pages` and `overrides` that no block has, or one that has no place there."""
    blocks = written.get("blocks", {})
    known = blocks if isinstance(blocks, Mapping) else {}
    for at, block in _named_blocks(written):
        if block not in known:
            yield Conflict(f'no block is named "{block}"{meant(block, [*known])}', at, lacks=("blocks",))
        elif at[0] == "pages" and not _needs_no_story(known[block]):
            sentence = f'"{block}" has no place without a story: it needs a selector, page-top or page-bottom'
            yield Conflict(sentence, at)


def _named_blocks(written: Mapping[str, object]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for at, named in _lists(written):
        if isinstance(named, str):
            yield at, named
        for n, each in enumerate(named if isinstance(named, (list, tuple)) else ()):
            if isinstance(each, str):
                yield (*at, n), each


def _lists(written: Mapping[str, object]) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """What names blocks, each with where it is written."""
    for key, name in (("pages", "blocks"), ("overrides", "drop"), ("overrides", "only")):
        for n, entry in enumerate(found_in(written, key)):
            if isinstance(entry, Mapping):
                yield (key, n, name), entry.get(name)
    experiments = written.get("experiments")
    for experiment, each in experiments.items() if isinstance(experiments, Mapping) else ():
        arms = each.get("arms") if isinstance(each, Mapping) else None
        for arm, changes in arms.items() if isinstance(arms, Mapping) else ():
            for name in ("drop", "only"):
                if isinstance(changes, Mapping):
                    yield ("experiments", experiment, "arms", arm, name), changes.get(name)


def _needs_no_story(block: object) -> bool:
    if not isinstance(block, Mapping):
        return True
    prefer = block.get("prefer", block.get("place"))
    places = prefer if isinstance(prefer, (list, tuple)) else [prefer]
    return any(
        place in NO_STORY_NEEDED or (isinstance(place, Mapping) and "selector" in place) for place in places
    )


def same_names(written: Mapping[str, object], key: str) -> Iterator[Conflict]:
    """Entries of a list that are named as an earlier one is."""
    seen: set[str] = set()
    for n, entry in enumerate(found_in(written, key)):
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if isinstance(name, str) and name in seen:
            yield Conflict(f'a second entry is named "{name}"', (key, n, "name"))
        elif isinstance(name, str):
            seen.add(name)
