"""Overrides: named changes over the rules, each judged alone when the rules load.

What an override sets is put into the file's tree, where everything that it does not say stands already, and
that is read by the same models: so a mistake is the one that it would be in the file, told where the
override is written. What comes of it is kept as differences between records that are right on both sides,
hence those of any overrides together are rules too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Final, TypeAlias

from newshole.rules.experiments import arm_path
from newshole.rules.extends import RIVALS, with_defaults
from newshole.rules.layout import Clear, Layout, Own, Rooms, rooms_of
from newshole.rules.model import RulesWritten
from newshole.rules.problems import Mistake, judged
from newshole.rules.ruleset import Block, Change, Override, Rules
from newshole.rules.targeting import Condition
from newshole.rules.tree import NOTHING, Entry, Items, Mapped, Mark, Node, Scalar, Told, is_nothing
from newshole.rules.words import RULE_PATH
from newshole.rules.written import meant
from newshole.types import DEVICES

Steps: TypeAlias = tuple[str, ...]
"""The path of a rule, key by key."""

FIXED: Final = (
    "site", "hosts", "extends", "vary", "consent", "sensitivity", "screen", "existing", "paragraph",
    "hydrated", "amp", "articles", "library", "pages", "overrides", "experiments", "holdout",
    "measure",
)  # fmt: skip
"""Keys that hold for a site whatever the story."""

_FIELDS_OF_OWN: Final = {"max": "most"}
"""The fields of a block's bounds that are not named as their keys."""

FIXED_OF_BLOCKS: Final = ("kind", "weather")
"""Keys of a block that no override sets: its markup and its feed are chosen for the site."""

_PATH = re.compile(RULE_PATH)
_NO_DIFFERENCE: Final = frozenset(
    "name site blocks layout articles hosts stories pinned digest facts_used host_names overrides pages "
    "selectors spans reads_texts reads_heights metrics telling metas_used jsonld_used authors_used "
    "experiments holdout sensitivity consent existing paragraph_words composes_hydrated composes_amp "
    "measures_always dropped _combined".split()
)


@dataclass(frozen=True, slots=True)
class Alone:
    """The rules as they are under one override alone; `bare` are those without what it sets, where they are
    rules then, and where that tells more than the `paths` of what is set."""

    written: RulesWritten
    bare: RulesWritten | None
    paths: tuple[Steps, ...]


def under_each(tree: Mapped, told: Told, *, complete: bool) -> dict[str, Alone | None]:
    """The rules under each override of a file's tree, and each arm of an experiment that changes something,
    by their paths; None for one with mistakes, which are told."""
    changes = dict(_changes(tree))
    if not changes:
        return {}
    apart = ("overrides", "pages", "experiments")
    kept = {key: entry for key, entry in tree.entries.items() if key not in apart}
    base = Mapped(tree.mark, kept)
    known = {(each.path, each.sentence) for each in judged(RulesWritten, with_defaults(base))[1]}
    reader = _Judge(base, known, told, complete=complete)
    return {path: reader.alone(item, path) for path, item in changes.items()}


def _changes(tree: Mapped) -> Iterator[tuple[str, Node]]:
    """What changes rules, each with its path: overrides, and arms."""
    entries = tree.get("overrides")
    for n, item in enumerate(entries.items if isinstance(entries, Items) else ()):
        name = item.word("name") if isinstance(item, Mapped) else None
        yield override_path(name or str(n)), item
    experiments = tree.mapped("experiments")
    for name in experiments.entries if experiments else ():
        experiment = experiments.mapped(name) if experiments else None
        arms = experiment.mapped("arms") if experiment else None
        for arm, entry in arms.entries.items() if arms else ():
            if isinstance(entry.node, Mapped) and not WAYS.isdisjoint(entry.node.entries):
                yield arm_path(name, arm), entry.node


WAYS: Final = frozenset(("set", "drop", "only"))
"""The keys with which rules are changed."""


def override_path(name: str) -> str:
    """Where an override is written."""
    return f"overrides[{name}]"


class _Judge:
    """Reads overrides over one file's tree, whose own mistakes are `known`."""

    def __init__(self, base: Mapped, known: set[tuple[str, str]], told: Told, *, complete: bool) -> None:
        self.base, self.known, self.told, self.complete = base, known, told, complete

    def alone(self, item: Node, where: str) -> Alone | None:
        given = item.mapped("set") if isinstance(item, Mapped) else None
        if not isinstance(item, Mapped) or given is None:
            return self.unchanged()
        path = f"{where}.set"
        wrong = [
            key
            for key, entry in given.entries.items()
            if not _PATH.fullmatch(key) or self.is_refused(key, entry.mark, path)
        ]
        sets = {tuple(key.split(".")): entry for key, entry in given.entries.items() if key not in wrong}
        tree = with_defaults(self.with_sets(sets))
        written, found = judged(RulesWritten, tree)
        for each in found:
            self.tell(each, sets, path)
        if written is None or wrong:
            return None
        bare = None if all(map(_is_one_field, sets)) else self.without(sets)
        return Alone(written, bare, tuple(sets))

    def without(self, sets: Mapping[Steps, Entry]) -> RulesWritten | None:
        """The rules without what an override sets in several fields, where they are rules then."""
        bare = self.base
        for steps, entry in sets.items():
            if not _is_one_field(steps):
                bare = _put(bare, steps, Entry(entry.mark, Scalar(entry.mark, NOTHING)))
        return judged(RulesWritten, with_defaults(bare))[0]

    def unchanged(self) -> Alone | None:
        """Of an override that sets nothing, or nothing that could be read."""
        written = judged(RulesWritten, with_defaults(self.base))[0]
        return None if written is None else Alone(written, written, ())

    def is_refused(self, key: str, mark: Mark, path: str) -> bool:
        """Whether no override can set a key, which is told."""
        sentence = self.refusal(key.split("."))
        if sentence:
            self.told.tell(mark, sentence, f"{path}.{key}")
        return bool(sentence)

    def refusal(self, steps: Sequence[str]) -> str:
        first, blocks = steps[0], self.base.mapped("blocks")
        if first in FIXED:
            names = ", ".join(name for name in RulesWritten.key_names() if name not in FIXED)
            return f'"{first}" cannot be overridden; there are {names}'
        if first != "blocks":
            return ""
        if len(steps) < 3:
            return 'expected a key of a block, such as "blocks.inline-ad.place"'
        known = [] if blocks is None else [*blocks.entries]
        if steps[1] not in known:
            return f'no block is named "{steps[1]}"{meant(steps[1], known)}' if self.complete else ""
        return f'"{steps[2]}" of a block cannot be overridden' if steps[2] in FIXED_OF_BLOCKS else ""

    def with_sets(self, sets: Mapping[Steps, Entry]) -> Mapped:
        """The file's tree with what an override sets, without what that stands in the place of."""
        tree = self.base
        for steps, entry in sets.items():
            rival = (*steps[:2], RIVALS.get(steps[2], "")) if len(steps) > 2 else ()
            if rival and rival not in sets and steps[0] == "blocks" and not is_nothing(entry.node):
                tree = _put(tree, rival, Entry(entry.mark, Scalar(entry.mark, NOTHING)))
            tree = _put(_by_device(tree, steps), steps, entry, is_said=self.has_default(steps))
        return tree

    def has_default(self, steps: Steps) -> bool:
        """Whether a block that does not have a key would get it from the defaults of its kind."""
        if steps[0] != "blocks" or len(steps) != 3:
            return False
        blocks, defaults = self.base.mapped("blocks"), self.base.mapped("defaults")
        block = blocks.mapped(steps[1]) if blocks else None
        of_kind = defaults.mapped(block.word("kind") or "") if defaults and block else None
        return of_kind is not None and steps[2] in of_kind.entries

    def tell(self, mistake: Mistake, sets: Mapping[Steps, Entry], path: str) -> None:
        """Tell of a mistake that the file does not have by itself, where the override is written."""
        if (mistake.path, mistake.sentence) in self.known or (mistake.is_absent and not self.complete):
            return
        own = {mark: steps for steps, entry in sets.items() for mark in (entry.mark, *_marks(entry.node))}
        steps = own.get(mistake.mark)
        mark = mistake.mark
        if steps is None:
            steps = max(sets, key=lambda each: _shared(each, mistake.steps), default=None)
            if steps is None:
                return
            mark = sets[steps].mark
        dotted = ".".join(steps)
        is_within = mistake.path.startswith(dotted) or dotted.startswith(mistake.path)
        self.told.tell(mark, mistake.sentence, f"{path}.{mistake.path if is_within else dotted}")


def _is_one_field(steps: Steps) -> bool:
    """Whether the path alone says which field of a record it sets."""
    if steps[0] == "layout":
        return len(steps) == 2 and steps[1] != "clear"
    return steps[0] != "defaults"


def _put(tree: Mapped, steps: Steps, entry: Entry, *, is_said: bool = False) -> Mapped:
    """The tree with a value at a path, in the place of what is there; without a value, without it, or with a
    key that `is_said` to have none."""
    name, rest = steps[0], steps[1:]
    there = tree.entries.get(name)
    if rest:
        if there is None and is_nothing(entry.node):
            return tree
        below = tree.mapped(name) or Mapped(entry.mark, {})
        mark = entry.mark if there is None else there.mark
        put = Entry(mark, _put(below, rest, entry, is_said=is_said))
    elif is_nothing(entry.node) and not is_said:
        return Mapped(tree.mark, {key: each for key, each in tree.entries.items() if key != name})
    else:
        put = entry
    return Mapped(tree.mark, {**tree.entries, name: put})


def _by_device(tree: Mapped, steps: Steps) -> Mapped:
    """The tree with one word for all devices spelled out, where one of them is to be set by itself."""
    node: Node | None = tree
    for name in steps[:-1]:
        node = node.get(name) if isinstance(node, Mapped) else None
    if steps[-1] not in DEVICES or not isinstance(node, Scalar) or is_nothing(node):
        return tree
    each = {device: Entry(node.mark, node) for device in DEVICES}
    return _put(tree, steps[:-1], Entry(node.mark, Mapped(node.mark, each)))


def _marks(node: Node) -> Iterator[Mark]:
    yield node.mark
    if isinstance(node, Items):
        for item in node.items:
            yield from _marks(item)
    elif isinstance(node, Mapped):
        for entry in node.entries.values():
            yield entry.mark
            yield from _marks(entry.node)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many steps two paths have in common."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class Head:
    """What an override is beside what it sets, and the path at which it is written."""

    name: str
    path: str
    when: tuple[Condition, ...]
    drop: frozenset[str]
    only: tuple[str, ...] | None


def difference(head: Head, base: Rules, own: Rules, bare: Rules, paths: tuple[Steps, ...]) -> Override:
    """An override, from the rules without it (`base`), under it alone, and without what it sets.

    A field is changed where it is not the base's, or not what it would be if nothing said it: so an override
    that sets what the file says already goes over an earlier one all the same.
    """
    path = f"{head.path}.set"
    dotted = tuple(".".join(steps) for steps in paths)
    made = _Difference(path, dotted)
    plain = {each.name for each in fields(Rules)} - _NO_DIFFERENCE
    layout = {steps[1] for steps in paths if steps[0] == "layout" and len(steps) > 1}
    blocks = {
        block.id: change
        for before, block, without in zip(base.blocks, own.blocks, bare.blocks, strict=True)
        if (change := made.of_block(before, block, without, paths)) != Change()
    }
    return Override(
        head.name,
        head.path,
        head.when,
        made.changed(plain, {steps[0] for steps in paths}, base, own, bare),
        made.changed(
            {each.name for each in fields(Layout)} - {"clear"}, layout, base.layout, own.layout, bare.layout
        ),
        made.cleared(_sides(paths, ("layout",)), base.layout.clear, own.layout.clear, bare.layout.clear),
        blocks,
        head.drop,
        head.only,
    )


@dataclass(frozen=True, slots=True)
class _Difference:
    """Compares records; what comes of the paths in `dotted` is named after the override at `path`."""

    path: str
    dotted: tuple[str, ...]

    def changed(self, names: set[str], written: set[str], *sides: object) -> dict[str, Any]:
        """The fields that the override changes, of the base, its own and the bare side; `written` are those
        that it sets by their names."""
        before, own, bare = sides
        return {
            name: self.named(value)
            for name in sorted(names)
            for value in (getattr(own, name),)
            if name in written or value != getattr(before, name) or value != getattr(bare, name)
        }

    def cleared(self, set_alone: frozenset[tuple[str, str]], *sides: tuple[Clear, ...]) -> Rooms:
        """The rooms around things that the override changes, each side of each by itself.

        Of a thing of which one side is `set_alone` the other stays as it is, also where the file says both in
        one word.
        """
        before, own, bare = map(rooms_of, sides)
        halved = {kind for kind, _ in set_alone}
        return {
            at: self.named(own.get(at, ()))
            for at in {**before, **own, **bare}
            if (own.get(at) != before.get(at) or own.get(at) != bare.get(at))
            and (at[0] not in halved or at in set_alone)
        }

    def of_block(self, before: Block, own: Block, bare: Block, paths: tuple[Steps, ...]) -> Change:
        above = (("blocks", own.id), ("defaults", own.kind))
        # Conditions hold functions, which no two readings have in common: they are asked for by name.
        has_when = any(steps[:2] in above and "when" in steps[2:3] for steps in paths)
        written = {steps[2] for steps in paths if steps[:2] == above[0]}
        if "place" in written:
            written.add("prefer")
        names = {each.name for each in fields(Block)} - {"id", "kind", "options", "when", "own"}
        changed = self.changed(names, written, before, own, bare)
        bounds = self.changed(
            {each.name for each in fields(Own)} - {"clear"},
            {_FIELDS_OF_OWN.get(name, name) for name in written},
            before.own,
            own.own,
            bare.own,
        )
        if has_when:
            changed["when"] = self.named(own.when)
        keys = set(type(own.options).model_fields)
        alone = _sides(paths, *above)
        clear = self.cleared(alone, before.own.clear, own.own.clear, bare.own.clear)
        return Change(
            changed, bounds, clear, self.changed(keys, written, before.options, own.options, bare.options)
        )

    def named(self, value: object) -> Any:  # noqa: ANN401 - any field of any record
        """A value, its path in the rules that of the override where it comes from there."""
        if isinstance(value, tuple):
            return tuple(map(self.named, value))
        if is_dataclass(value) and not isinstance(value, type):
            path = getattr(value, "path", None)
            if isinstance(path, str) and any(_is_of(path, each) for each in self.dotted):
                return replace(value, path=f"{self.path}.{path}")
        return value


def _sides(paths: tuple[Steps, ...], *above: Steps) -> frozenset[tuple[str, str]]:
    """The kinds and sides of `clear` that are set by themselves, and not with their kind or all of it."""
    within = {
        steps[len(each) + 1 :]
        for each in above
        for steps in paths
        if steps[: len(each) + 1] == (*each, "clear")
    }
    return frozenset(
        (steps[0], steps[1]) for steps in within if len(steps) == 2 and not {(), steps[:1]} & within
    )


def _is_of(path: str, dotted: str) -> bool:
    """Whether one of two paths is at or below the other."""
    return path == dotted or path.startswith((f"{dotted}.", f"{dotted}[")) or dotted.startswith(f"{path}.")
