"""From rules as they are written to rules as the planner, the blocks and the site read them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from newshole.errors import RulesError, UsageError
from newshole.rules.extends import Merged, Shelf, with_defaults
from newshole.rules.kinds import KINDS
from newshole.rules.model import BlockWritten, LayoutWritten, RulesWritten, Sides, When
from newshole.rules.packs import find_pack, packs
from newshole.rules.places import Percent, PointPlace, RepeatWritten
from newshole.rules.problems import read_as
from newshole.rules.ruleset import (
    Anchor,
    Articles,
    At,
    Block,
    Bound,
    Distance,
    Layout,
    Limit,
    Place,
    Repeat,
    Rules,
    Stack,
)
from newshole.rules.screens import metrics
from newshole.rules.targeting import FACTS, Condition, condition, facts_used
from newshole.rules.tree import Items, Mapped, Scalar, Told, plain


def load(rules: str | Path) -> tuple[Rules, ...]:
    """The rules of every site in a file, in a folder of files, or in a pack by its name.

    In a folder, a file that another one extends is no site by itself. Raises RulesError with every problem
    of every file, UsageError where nothing is there.
    """
    told = Told()
    shelf = Shelf(told)
    files = _files(rules)
    found = {file: _merged(shelf, file) for file in files}
    alone = len(files) == 1
    sites = {
        file: each for file, each in found.items() if each and (alone or file.resolve() not in shelf.bases)
    }
    written = {file: _written(each, told) for file, each in sites.items()}
    _tell_same_hosts([each.tree for each in sites.values()], told)
    if told:
        raise RulesError(told)
    whole = {file: each for file, each in written.items() if each is not None}
    claimed = [host for each in whole.values() for host in _listed(each.hosts)]
    return tuple(_rules(file, each, sites[file].tree, claimed) for file, each in whole.items())


def _files(rules: str | Path) -> list[Path]:
    """The files to read; the name of a pack goes before a file that is named so too."""
    path = find_pack(str(rules)) or Path(rules)
    try:
        files = [path] if path.is_file() else sorted(_in_folder(path)) if path.is_dir() else None
    except OSError as error:
        raise UsageError(f"cannot read the rules in {path}: {error.strerror}") from error
    if files is None:
        raise UsageError(f"no rules at {path}: give a file, a folder or a pack ({', '.join(packs())})")
    if not files:
        raise UsageError(f"no rules in the folder {path}: it holds no .yaml file")
    return files


def _in_folder(path: Path) -> Iterator[Path]:
    """The rules files of a folder; a hidden one is some tool's, or a draft."""
    for file in path.iterdir():
        if file.suffix in (".yaml", ".yml") and not file.name.startswith(".") and file.is_file():
            yield file


def _merged(shelf: Shelf, file: Path) -> Merged | None:
    try:
        return shelf.merged(file)
    except OSError as error:
        raise UsageError(f"cannot read the rules in {file}: {error.strerror}") from error


def _written(merged: Merged, told: Told) -> RulesWritten | None:
    return read_as(RulesWritten, with_defaults(merged.tree), told, complete=merged.is_complete)


def _tell_same_hosts(sites: list[Mapped], told: Told) -> None:
    """Tell of hosts that two sites claim, and of a second site for every host."""
    claimed: dict[str, Path] = {}
    for tree in sites:
        for path, host in _hosts(tree):
            first = claimed.setdefault(str(host.value), tree.mark.file)
            if first != tree.mark.file:
                told.tell(host.mark, f'"{host.value}" is claimed by {first.name} too', path)
    # Which files are sites is certain only once all are right.
    every = [] if told else [tree for tree in sites if "hosts" not in tree.entries]
    for tree in every[1:]:
        sentence = f'needs "hosts": {every[0].mark.file.name} is for every host already'
        told.tell(tree.mark, sentence)


def _hosts(tree: Mapped) -> Iterator[tuple[str, Scalar]]:
    node = tree.get("hosts")
    if isinstance(node, Scalar):
        yield "hosts", node
    elif isinstance(node, Items):
        for n, item in enumerate(node.items):
            if isinstance(item, Scalar):
                yield f"hosts[{n}]", item


def _rules(file: Path, written: RulesWritten, tree: Mapped, claimed: list[str]) -> Rules:
    blocks = tuple(_block(block, each, written) for block, each in written.blocks.items())
    articles = tuple(
        Articles(_conditions(f"articles[{n}]", each), each.body)
        for n, each in enumerate(written.articles or ())
    )
    conditions = [each for block in blocks for each in block.when]
    conditions += [each for entry in articles for each in entry.when]
    return Rules(
        name=file.stem,
        site=written.site or file.stem,
        blocks=blocks,
        layout=_layout(written.layout),
        articles=articles,
        hosts=tuple(_host(host, claimed) for host in _listed(written.hosts)),
        timezone=written.timezone,
        language=None if written.language == "auto" else written.language,
        stories=written.library.stories,
        pinned=written.library.pinned,
        digest=_digest(file.stem, with_defaults(tree)),
        facts_used=facts_used(conditions),
        metrics=metrics(written.screen),
        host_names=_listed(written.hosts),
    )


def _digest(name: str, tree: Mapped) -> str:
    """A digest of what is written, whatever its layout; the order of keys counts in `blocks` only."""
    content: Any = plain(tree)
    content["blocks"] = list(content.get("blocks", {}).items())
    canonical = json.dumps([name, content], sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(canonical.encode("ascii"), digest_size=16).hexdigest()


def _host(host: str, claimed: list[str]) -> re.Pattern[str]:
    """A pattern for a host; `*.` leaves out what another pattern says more exactly."""
    if not host.startswith("*."):
        return re.compile(re.escape(host))
    nearer = [each for each in claimed if each != host and each.removeprefix("*").endswith(host[1:])]
    others = "|".join(_host(each, []).pattern for each in nearer)
    return re.compile((rf"(?!(?:{others})$)" if others else "") + rf"(?:[^.]+\.)+{re.escape(host[2:])}")


def _layout(written: LayoutWritten) -> Layout:
    before, after = _clearances(written)
    return Layout(
        gap=_bounds("layout.gap", written.gap),
        start=_bounds("layout.start", written.start),
        end=_bounds("layout.end", written.end),
        story=_bounds("layout.story.min", None if written.story is None else written.story.min),
        before_heading=before,
        after_heading=after,
        blocks=None if written.blocks is None else Limit("layout.blocks", written.blocks),
        ads=None if written.ads is None else Limit("layout.ads", written.ads),
    )


def _bounds(path: str, written: Distance | tuple[Distance, ...] | None) -> tuple[Bound, ...]:
    if isinstance(written, tuple):
        return tuple(Bound(f"{path}[{n}]", distance) for n, distance in enumerate(written))
    return () if written is None else (Bound(path, written),)


def _clearances(written: LayoutWritten) -> tuple[tuple[Bound, ...], tuple[Bound, ...]]:
    """The room above a heading and below one."""
    path, heading = "layout.clear.heading", None if written.clear is None else written.clear.heading
    if isinstance(heading, Sides):
        return _room(f"{path}.before", heading.before), _room(f"{path}.after", heading.after)
    return _room(path, heading), _room(path, heading)


def _room(path: str, written: Distance | Literal["never"] | None) -> tuple[Bound, ...]:
    return _bounds(path, Distance(1, "units") if written == "never" else written)


def _block(block: str, written: BlockWritten, rules: RulesWritten) -> Block:
    path, model = f"blocks.{block}", KINDS[written.kind]
    options = model.model_construct(**{name: getattr(written, name) for name in model.model_fields})
    places = written.prefer or ((written.place,) if written.place else ())
    named = "prefer[{}]" if written.prefer else "place"
    defaults: Any = getattr(rules.defaults, written.kind, None)
    return Block(
        id=block,
        kind=written.kind,
        options=options,
        prefer=tuple(_place(f"{path}.{named.format(n)}", place) for n, place in enumerate(places)),
        repeat=None if written.repeat is None else _repeat(f"{path}.repeat", written.repeat),
        priority=written.priority,
        exact=written.exact,
        when=(
            *_conditions(f"{path}.when", written.when),
            *_conditions(f"defaults.{written.kind}.when", None if defaults is None else defaults.when),
        ),
    )


def _place(path: str, written: str | PointPlace) -> Place:
    if isinstance(written, str):
        return Stack(path, written)
    if isinstance(written.at, Percent):
        return At(path, percent=written.at.amount)
    if written.at is not None:
        return At(path, written.at)
    if written.after is not None:
        return Anchor(path, "after", written.after, _listed(written.nth))
    return Anchor(path, "before", written.before or "unit", _listed(written.nth))


def _repeat(path: str, written: RepeatWritten) -> Repeat:
    return Repeat(path, written.every, written.start, written.max)


def _conditions(path: str, when: When | None) -> tuple[Condition, ...]:
    written = {} if when is None else {fact: getattr(when, fact) for fact in FACTS}
    return tuple(
        condition(
            f"{path}.{fact}",
            fact,
            _listed(getattr(value, "excluded", value)),
            negated=hasattr(value, "excluded"),
        )
        for fact, value in written.items()
        if value is not None
    )


def _listed(written: Any) -> tuple[Any, ...]:  # noqa: ANN401 - one or several of anything
    if written is None:
        return ()
    return written if isinstance(written, tuple) else (written,)
