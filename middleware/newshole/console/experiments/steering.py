"""Starting, stopping and widening experiments: the same keys in the same YAML that somebody would write.

Only the lines that are concerned change. What would break an experiment that runs is not done at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

from newshole.errors import NewsholeError, UsageError
from newshole.live.source import Source
from newshole.rules.continuity import is_on
from newshole.rules.editing.edits import Change, EditError, Put, Take, edited, tree_of, value_at
from newshole.rules.experiments import Experiment
from newshole.rules.ruleset import Rules

State: TypeAlias = Literal["coming", "running", "ended"]
Step: TypeAlias = Literal["start", "stop", "ramp"]

STEPS: Final[tuple[Step, ...]] = get_args(Step)


class BreakError(NewsholeError):
    """A step that would break experiments which run: `breaks` says of each why."""

    def __init__(self, breaks: list[str]) -> None:
        self.breaks = breaks
        super().__init__("; ".join(breaks))


@dataclass(frozen=True, slots=True)
class Steered:
    """Rules after a step, and what to say of it when they are published."""

    source: Source
    note: str


def state_of(experiment: Experiment, now: datetime) -> State:
    """Whether an experiment runs, by the moments that its rules name."""
    if not is_on(experiment, now, "from"):
        return "coming"
    return "running" if is_on(experiment, now, "until") else "ended"


def steered(
    source: Source, rules: Rules, experiment: Experiment, step: Step, *, traffic: str = "", now: datetime
) -> Steered:
    """The files of rules after a step of an experiment.

    `rules` are those of its site; `traffic` is a share such as "50%", for a ramp. Raises UsageError where the
    step makes no sense, EditError where the file has to be edited by hand.
    """
    moment = _minute(now, rules.timezone)
    changes, note = _changes(experiment, step, traffic, moment, now)
    name = _file_of(source, rules, experiment.name)
    text = edited(source.files[name], changes)
    return Steered(replace(source, files={**source.files, name: text}), note)


def _changes(
    experiment: Experiment, step: Step, traffic: str, moment: str, now: datetime
) -> tuple[list[Change], str]:
    path, state = ("experiments", experiment.name), state_of(experiment, now)
    if step == "stop":
        if state != "running":
            raise UsageError(f"{experiment.name} does not run, so it cannot be stopped")
        return [Put((*path, "until"), moment)], f"Stop the experiment {experiment.name}"
    if step == "ramp":
        share = _share(traffic)
        return [Put((*path, "traffic"), share)], f"Take {share} of readers into {experiment.name}"
    if state == "running":
        raise UsageError(f"{experiment.name} runs already")
    if state == "coming":
        return [Put((*path, "from"), moment)], f"Start the experiment {experiment.name}"
    return [*_again(path, moment, experiment)], f"Start the experiment {experiment.name} again, dealt anew"


def _again(path: tuple[str, str], moment: str, experiment: Experiment) -> Iterator[Change]:
    """A second run: readers of the first may not be counted in it, so all are dealt anew."""
    yield Put((*path, "from"), moment)
    yield Take((*path, "until"))
    yield Put((*path, "salt"), _next_salt(experiment))


def _next_salt(experiment: Experiment) -> str:
    """Another salt than it has: its own with the next number."""
    salt = experiment.allocation.salt
    stem, _, number = salt.rpartition("-")
    if stem and number.isdecimal() and len(number) < 6:
        return f"{stem}-{int(number) + 1}"
    return f"{salt[:60]}-2"


def _share(written: str) -> str:
    """A share as rules write it. Raises UsageError."""
    number = written.strip().removesuffix("%").strip()
    try:
        share = float(number)
    except ValueError:
        share = -1.0
    if not 0 < share <= 100:
        raise UsageError(f'"{written}" is no share of readers: give one from 1% to 100%')
    return f"{share:g}%"


def _minute(now: datetime, timezone: str) -> str:
    """The next whole minute by the clock of the rules, as they write moments."""
    local = now.astimezone(ZoneInfo(timezone)) + timedelta(minutes=1)
    return local.replace(second=0, microsecond=0, tzinfo=None).isoformat(timespec="minutes")


def _file_of(source: Source, rules: Rules, name: str) -> str:
    """The file in which an experiment of a site is written. Raises EditError where several have it."""
    found = [*_writing(source.files, name)]
    if len(found) == 1:
        return found[0]
    own = [each for each in found or source.files if _stem(each) == rules.name]
    if len(own) == 1:
        return own[0]
    if not found and source.entry in source.files:
        return source.entry
    raise EditError(
        ("experiments", name), f"it is written in {', '.join(found) or 'a pack'}: edit it there by hand"
    )


def _writing(files: Mapping[str, str], name: str) -> Iterator[str]:
    for file, text in files.items():
        if file.endswith((".yaml", ".yml")) and value_at(tree_of(text), ("experiments", name)) is not None:
            yield file


def _stem(file: str) -> str:
    return file.rpartition("/")[2].rpartition(".")[0]
