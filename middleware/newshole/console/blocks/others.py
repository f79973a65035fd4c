"""Which overrides and experiments change a block beside its own settings, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from newshole.console.blocks.sheets import mapped
from newshole.rules.tree import Plain


def changed_by(rules: Mapping[str, Plain], block: str) -> tuple[str, ...]:
    """What else decides on a block: 'The override "takeover" changes its priority'."""
    overrides = rules.get("overrides")
    named = [
        (f'The override "{each.get("name", "")}"', each)
        for each in (overrides if isinstance(overrides, list) else [])
        if isinstance(each, dict)
    ]
    for experiment, written in mapped(rules, "experiments").items():
        arms = mapped(written, "arms") if isinstance(written, dict) else {}
        named += [
            (f'The arm "{arm}" of the experiment "{experiment}"', each)
            for arm, each in arms.items()
            if isinstance(each, dict)
        ]
    return tuple(f"{name} {what}" for name, each in named for what in _changes(each, block))


def _changes(written: Mapping[str, Plain], block: str) -> Iterator[str]:
    only = _listed(written.get("only"))
    if block in _listed(written.get("drop")) or (only and block not in only):
        yield "leaves it out"
    own = f"blocks.{block}."
    keys = [path.removeprefix(own) for path in mapped(written, "set") if path.startswith(own)]
    if keys:
        yield f"changes its {', '.join(keys)}"


def _listed(value: Plain | None) -> list[Plain]:
    return [] if value is None else value if isinstance(value, list) else [value]
