"""When a rule holds: conditions over a story and its reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from newshole.types import Reader, Reason, Story

Fact: TypeAlias = Callable[[Story, Reader, str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a `when`: `fact` ("path", "section", …) must match what `written` says.

    `refusal` gives None where it holds, else the reason, in words, with the path of the rule.
    """

    path: str
    fact: str
    written: str
    matches: Callable[[tuple[str, ...]], bool]

    def refusal(self, story: Story, reader: Reader, url_path: str) -> Reason | None:
        raise NotImplementedError
