"""From rules as they are written to rules as the planner, the blocks and the site read them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from newshole.errors import RulesError, UsageError
from newshole.experiments.assignment import Allocation, Holdout, Layer, arm_ranges
from newshole.rules.block_model import BlockWritten
from newshole.rules.bounds import (
    distances,
    elsewhere,
    existing,
    layout_of,
    own_of,
    place_of,
    repeat_of,
)
from newshole.rules.capping import frequency
from newshole.rules.consent_model import consent
from newshole.rules.experiment_model import ArmWritten, ExperimentWritten, HoldoutWritten, LayerWritten
from newshole.rules.experiments import Experiment, arm_path, in_arm
from newshole.rules.extends import EVERYWHERE, Merged, Reach, Shelf, with_defaults
from newshole.rules.files import rules_files
from newshole.rules.kinds import KINDS
from newshole.rules.kinds.paid import Paid
from newshole.rules.model import Library, OverrideWritten, RulesWritten
from newshole.rules.overrides import Alone, Head, difference, override_path, under_each
from newshole.rules.places import Percent
from newshole.rules.problems import read_as
from newshole.rules.ruleset import (
    Articles,
    Block,
    Learning,
    Override,
    Page,
    Rules,
    Selected,
    feed_of,
)
from newshole.rules.screens import metrics
from newshole.rules.signals import policy
from newshole.rules.targeting import Condition, facts_used, leaves
from newshole.rules.telling import Telling, telling
from newshole.rules.tree import Items, Mapped, Scalar, Told, plain
from newshole.rules.whens import conditions, period
from newshole.rules.written import listed

Changed: TypeAlias = Mapping[str, Alone | None]
"""The rules under each override and arm of a file, by their paths."""


def load(rules: str | Path, reach: Reach = EVERYWHERE) -> tuple[Rules, ...]:
    """The rules of every site in a file, in a folder of files, or in a pack by its name.

    They have what is in their `reach`. In a folder, a file that another one extends is no site by itself.
    Raises RulesError with every problem of every file, UsageError where nothing is there.
    """
    told = Told()
    shelf = Shelf(told, reach)
    files = rules_files(rules)
    found = {file: _merged(shelf, file) for file in files}
    alone = len(files) == 1
    sites = {
        file: each for file, each in found.items() if each and (alone or file.resolve() not in shelf.bases)
    }
    written = {file: _written(each, told) for file, each in sites.items()}
    changed = {file: under_each(each.tree, told, complete=each.is_complete) for file, each in sites.items()}
    _tell_same_hosts([each.tree for each in sites.values()], told)
    _tell_same_names([each.tree for each in sites.values()], told)
    if told:
        raise RulesError(told)
    whole = {file: each for file, each in written.items() if each is not None}
    claimed = [host for each in whole.values() for host in listed(each.hosts)]
    return tuple(_rules(file, each, sites[file].tree, claimed, changed[file]) for file, each in whole.items())


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


def _tell_same_names(sites: list[Mapped], told: Told) -> None:
    """Tell of files that differ in their endings alone: a site's stories are kept by its file's name."""
    named: dict[str, Path] = {}
    for tree in sites:
        first = named.setdefault(tree.mark.file.stem, tree.mark.file)
        if first != tree.mark.file:
            told.tell(tree.mark, f"needs another name than {first.name}, beside its ending")


def _hosts(tree: Mapped) -> Iterator[tuple[str, Scalar]]:
    node = tree.get("hosts")
    if isinstance(node, Scalar):
        yield "hosts", node
    elif isinstance(node, Items):
        for n, item in enumerate(node.items):
            if isinstance(item, Scalar):
                yield f"hosts[{n}]", item


def _rules(file: Path, written: RulesWritten, tree: Mapped, claimed: list[str], changed: Changed) -> Rules:
    blocks = tuple(_block(block, each, written) for block, each in written.blocks.items())
    articles = tuple(
        Articles(conditions(f"articles[{n}]", each, written.timezone), each.body)
        for n, each in enumerate(written.articles or ())
    )
    overrides = tuple(_overrides(written, changed))
    rules = Rules(
        name=file.stem,
        site=written.site or file.stem,
        blocks=blocks,
        layout=layout_of(written.layout),
        articles=articles,
        hosts=tuple(_host(host, claimed) for host in listed(written.hosts)),
        timezone=written.timezone,
        language=None if written.language == "auto" else written.language,
        elsewhere=tuple(map(elsewhere, written.elsewhere or ())),
        stories=written.library.stories,
        pinned=written.library.pinned,
        learning=_learning(written.library),
        digest=_digest(file.stem, with_defaults(tree)),
        metrics=metrics(written.screen),
        existing=existing(written.existing),
        paragraph_words=0 if written.paragraph is None else written.paragraph.min_words,
        composes_hydrated=written.hydrated == "compose",
        composes_amp=written.amp == "compose",
        host_names=listed(written.hosts),
        sensitivity=policy(written.sensitivity),
        consent=consent(written.consent),
        overrides=overrides,
        experiments=tuple(_experiments(written, overrides, tree)),
        holdout=None if written.holdout is None else _holdout(written.holdout),
        measures_always=written.measure == "always",
        pages=_pages(written),
    )
    tests = (rules.experiments, rules.holdout)
    told = telling(rules.conditions, written.vary, rules.consent, tests)
    return _with_facts_used(_with_what_is_read(rules), told)


def _with_facts_used(rules: Rules, told: Telling) -> Rules:
    """The rules with what their conditions look at, and their blocks show, of pages and readers."""
    used = tuple(leaves(rules.conditions))
    metas = {each.name.lower() for each in used if each.fact == "meta"}
    return replace(
        rules,
        facts_used=facts_used(rules.conditions),
        telling=told,
        metas_used=frozenset(metas.union(_metas_shown(rules))),
        jsonld_used=frozenset(each.name for each in used if each.fact == "jsonld"),
        authors_used=any(each.fact == "author" for each in used),
        _combined={},
    )


def _metas_shown(rules: Rules) -> Iterator[str]:
    """The lower-case names of the meta elements that blocks show, under whichever overrides."""
    for each in rules.variants:
        for block in each.blocks:
            if isinstance(block.options, Paid) and block.options.meta:
                yield block.options.meta.lower()


def _with_what_is_read(rules: Rules) -> Rules:
    """The rules with what they look at on pages, under whichever overrides."""
    variants = rules.variants
    asked = [
        distance for each in variants for distance in distances(each.layout, each.blocks, each.elsewhere)
    ]
    own = [block.own for each in variants for block in each.blocks]
    spans = [each.selector for each in asked if each.selector]
    spans += [selector for each in own for selector in (each.inside, each.not_inside) if selector]
    places = [place for each in variants for block in each.blocks for place in block.prefer]
    places += [there.place for each in variants for there in each.elsewhere]
    selected = [place.selector for place in places if isinstance(place, Selected)]
    selected += [selector for _, selector in rules.existing]
    selected += [entry.body for entry in rules.articles if entry.body is not None]
    return replace(
        rules,
        spans=tuple(dict.fromkeys(spans)),
        selectors=tuple(dict.fromkeys((*selected, *spans))),
        reads_texts=any(avoid.text for each in own for avoid in each.avoid),
        reads_heights=any(each.measure in ("px", "screens") for each in asked)
        or any(each.layout.density for each in variants),
        _combined={},
    )


def _pages(written: RulesWritten) -> tuple[Page, ...]:
    return tuple(
        Page(
            path := f"pages[{each.name}]",
            conditions(path, each, written.timezone),
            frozenset(each.blocks),
            each.fragments,
        )
        for each in written.pages or ()
    )


def _overrides(written: RulesWritten, changed: Changed) -> Iterator[Override]:
    """The overrides, and behind them the arms, as differences from the rules without them."""
    base = _changeable(written)
    for each in written.overrides or ():
        path = override_path(each.name)
        when = conditions(f"{path}.when", each.when, written.timezone)
        yield from _override(base, changed.get(path), Head(each.name, path, when, *_left_out(each)))
    for name, experiment in written.experiments.items():
        met = _met(name, experiment, written.timezone)
        for arm, of_arm in experiment.arms.items():
            path = arm_path(name, arm)
            when = (*met, in_arm(name, experiment.unit, arm))
            yield from _override(base, changed.get(path), Head("", path, when, *_left_out(of_arm)))


def _left_out(written: OverrideWritten | ArmWritten) -> tuple[frozenset[str], tuple[str, ...] | None]:
    """The blocks that are left out, and those that alone are not."""
    return frozenset(listed(written.drop)), None if written.only is None else listed(written.only)


def _override(base: Rules, under: Alone | None, head: Head) -> Iterator[Override]:
    if under is not None:
        own, bare = (_changeable(each) for each in (under.written, under.bare or under.written))
        yield difference(head, base, own, bare, under.paths)


def _met(name: str, written: ExperimentWritten, timezone: str) -> tuple[Condition, ...]:
    """When an experiment is about a page and its reader."""
    path = f"experiments.{name}"
    return (
        *conditions(f"{path}.when", written.when, timezone),
        *period(path, written.start, written.until, timezone),
    )


def _experiments(written: RulesWritten, overrides: Sequence[Override], tree: Mapped) -> Iterator[Experiment]:
    said: Any = plain(tree)
    numbers = {each.path: number for number, each in enumerate(overrides)}
    for name, each in written.experiments.items():
        weights = [arm.weight for arm in each.arms.values()]
        shares = tuple(weight / sum(weights) for weight in weights)
        traffic = each.traffic.amount / 100
        salt = each.salt or name
        metrics, plan = each.metrics, each.plan
        yield Experiment(
            name=name,
            unit=each.unit,
            allocation=Allocation(salt, arm_ranges(shares, traffic), _layer(each.layer), each.hash),
            arms=tuple(each.arms),
            changes=tuple(numbers.get(arm_path(name, arm)) for arm in each.arms),
            when=_met(name, each, written.timezone),
            hypothesis=each.hypothesis or "",
            weights=shares,
            traffic=traffic,
            primary=metrics.primary if metrics else "",
            guardrails=listed(metrics.guardrails) if metrics else (),
            min_effect=plan.min_effect.amount / 100 if plan else 0.0,
            power=plan.power.amount / 100 if plan else 0.8,
            looks=_looks(plan.looks) if plan else (),
            written=said["experiments"][name],
            asks_consent=each.unit == "visitor" and consent(written.consent).is_served,
        )


def _layer(written: str | LayerWritten | None) -> Layer | None:
    if not isinstance(written, LayerWritten):
        return None if written is None else Layer(written)
    low, high = written.part
    return Layer(written.name, (low.amount / 100, high.amount / 100))


def _looks(written: str | tuple[Percent, ...]) -> tuple[float, ...]:
    if isinstance(written, str):
        return () if written == "always" else (1.0,)
    return tuple(each.amount / 100 for each in written)


def _holdout(written: HoldoutWritten) -> Holdout:
    return Holdout(written.salt, written.share.amount / 100)


def _changeable(written: RulesWritten) -> Rules:
    """What of rules an override may change."""
    return Rules(
        name="",
        site="",
        blocks=tuple(_block(block, each, written) for block, each in written.blocks.items()),
        layout=layout_of(written.layout),
        timezone=written.timezone,
        language=None if written.language == "auto" else written.language,
        elsewhere=tuple(map(elsewhere, written.elsewhere or ())),
    )


def _digest(name: str, tree: Mapped) -> str:
    """A digest of what is written, whatever its layout; the order of keys counts in `blocks` only."""
    content: Any = plain(tree)
    content["blocks"] = list(content.get("blocks", {}).items())
    # What an override sets may be nothing.
    canonical = json.dumps([name, content], sort_keys=True, separators=(",", ":"), default=lambda _: None)
    return hashlib.blake2b(canonical.encode("ascii"), digest_size=16).hexdigest()


def _learning(written: Library) -> Learning:
    hosts = tuple(_host(each, []) for each in listed(written.images))
    feeds = tuple(map(feed_of, written.feeds))
    return Learning(written.learn, written.most, written.oldest.length.total_seconds(), hosts, feeds)


def _host(host: str, claimed: list[str]) -> re.Pattern[str]:
    """A pattern for a host; `*.` leaves out what another pattern says more exactly."""
    if not host.startswith("*."):
        return re.compile(re.escape(host))
    nearer = [each for each in claimed if each != host and each.removeprefix("*").endswith(host[1:])]
    others = "|".join(_host(each, []).pattern for each in nearer)
    return re.compile((rf"(?!(?:{others})$)" if others else "") + rf"(?:[^.]+\.)+{re.escape(host[2:])}")


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
        prefer=tuple(place_of(f"{path}.{named.format(n)}", place) for n, place in enumerate(places)),
        repeat=None if written.repeat is None else repeat_of(f"{path}.repeat", written.repeat),
        priority=written.priority,
        exact=written.exact,
        own=own_of(path, written),
        required=written.required,
        fallback=written.fallback,
        frequency=frequency(written.frequency),
        dismissed=written.dismissed,
        when=(
            *conditions(f"{path}.when", written.when, rules.timezone),
            *conditions(
                f"defaults.{written.kind}.when", None if defaults is None else defaults.when, rules.timezone
            ),
        ),
    )
