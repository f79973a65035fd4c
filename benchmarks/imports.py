"""How long `from newshole import Newshole` takes in a fresh interpreter, and what comes along with it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchmarks.figures import Headline, Options, Report, Spread, Table, at_most
from benchmarks.timing import paired

WATCHED: Final = (
    "newshole.cli",
    "newshole.demo",
    "aiohttp",
    "rich",
    "typer",
)
"""Modules that a server with the middleware mounted has no use for."""

SLOWEST: Final = 10

_EMPTY: Final = "pass"
_IMPORT: Final = "from newshole import Newshole"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one module's import took, without and with those that it imported first; milliseconds."""

    module: str
    own: float
    whole: float


def measure(options: Options) -> Report:
    """The import's time over an empty program's, the modules that took longest, and those watched."""
    times = paired({code: partial(_run, code) for code in (_EMPTY, _IMPORT)}, options.rounds)
    added = [ours - empty for ours, empty in zip(times[_IMPORT], times[_EMPTY], strict=True)]
    loaded = loaded_of_watched()
    return Report(
        (_time_table(times, added, options), _slowest_table(slowest()), _watched_table(loaded)),
        (at_most(_IMPORT, Spread.of(added), 200, "ms"), _watched_headline(loaded)),
    )


def loaded_of_watched() -> frozenset[str]:
    """Those of `WATCHED` that `import newshole` loads."""
    code = f"{_IMPORT}; import sys; print(*sys.modules)"
    return frozenset(_run(code).stdout.split()).intersection(WATCHED)


def slowest() -> list[Cost]:
    """The modules that took longest by themselves, as the interpreter tells, slowest first."""
    costs = [_cost(line) for line in _run(_IMPORT, "-X", "importtime").stderr.splitlines()[1:]]
    return sorted(costs, key=lambda cost: cost.own, reverse=True)[:SLOWEST]


def _cost(line: str) -> Cost:
    """A line such as `import time:       120 |        250 |   newshole.errors`, in microseconds."""
    own, whole, module = line.removeprefix("import time:").split("|")
    return Cost(module.strip(), int(own) / 1000, int(whole) / 1000)


def _run(code: str, *switches: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *switches, "-c", code]
    # Whoever asks for no bytecode would have every module compiled in every round.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(  # noqa: S603 - our own command
        command, check=True, capture_output=True, text=True, env=environment
    )


def _time_table(times: Mapping[str, list[float]], added: list[float], options: Options) -> Table:
    rows = (
        ("an empty program", *Spread.of(times[_EMPTY]).cells(0)),
        (_IMPORT, *Spread.of(times[_IMPORT]).cells(0)),
        ("added", *Spread.of(added).cells(0)),
    )
    caption = f"Fresh interpreters in turn, bytecode written; medians of {options.rounds} rounds."
    return Table("Import", caption, ("", "ms", "quartiles"), rows)


def _slowest_table(costs: list[Cost]) -> Table:
    rows = tuple((cost.module, f"{cost.own:.1f}", f"{cost.whole:.1f}") for cost in costs)
    caption = "As -X importtime tells in one run, which slows imports down itself."
    return Table("Slowest modules", caption, ("module", "itself, ms", "with its imports, ms"), rows)


def _watched_table(loaded: frozenset[str]) -> Table:
    rows = tuple((module, "yes" if module in loaded else "no") for module in WATCHED)
    return Table(
        "What comes along", "Modules that the middleware has no use for.", ("module", "loaded"), rows
    )


def _watched_headline(loaded: frozenset[str]) -> Headline:
    named = ", ".join(sorted(loaded)) or "none"
    return Headline("loaded without need by the import", named, "none", not loaded)
