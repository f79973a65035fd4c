"""Readouts of experiments for screens: worked out one at a time in a thread, and kept for a minute.

What reads events may take long, and draws with a library that knows one thread alone. So whoever asks waits
a while, and is told to ask again where it takes longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from newshole.console.fresh import Fresh
from newshole.errors import UsageError
from newshole.review.designs import design_of
from newshole.rules.experiments import Experiment

if TYPE_CHECKING:
    from newshole.experiments.analysis.readout import Readout

LAST: Final = 60.0
PATIENCE: Final = 15.0
"""Seconds that a readout is kept, and that whoever asks waits for it."""


class SlowError(UsageError):
    """A readout that is not there yet; it is still worked out."""


@dataclass(frozen=True, slots=True)
class Report:
    """A readout, with its pictures as documents of SVG by their names, as far as there is something to draw;
    None where what draws them is not installed."""

    readout: Readout
    pictures: dict[str, str] | None


class Readouts:
    """The readouts of one site. `events` is the file or folder that its sink writes, None where nobody has
    said; `remark` is told beside them."""

    def __init__(self, events: Path | None, clock: Callable[[], float], remark: str = "") -> None:
        self.events, self.remark = events, remark
        self._fresh = Fresh(clock)
        self._thread = ThreadPoolExecutor(1, "newshole-readouts")

    async def of(self, experiment: Experiment, since: int | None = None) -> Report | None:
        """What came of an experiment so far, since a moment in milliseconds since 1970; None where events are
        kept nowhere.

        Raises SlowError where it takes long, UsageError where there are no exposures.
        """
        events = self.events
        if events is None:
            return None
        key = (experiment.name, experiment.allocation, experiment.primary, experiment.guardrails, since)

        async def make() -> Report:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, _report, experiment, events, since)

        try:
            async with asyncio.timeout(PATIENCE):
                return await self._fresh.get(key, make, last=LAST)
        except TimeoutError as error:
            raise SlowError("the figures take longer: look again in a minute") from error

    def close(self) -> None:
        """Begin no more of them."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _report(experiment: Experiment, events: Path, since: int | None) -> Report:
    # The console starts without what only reports need.
    from newshole.experiments.analysis.warehouse import readout_at

    readout = readout_at(design_of(experiment), events, since=since)
    return Report(readout, _pictures(readout) if find_spec("matplotlib") else None)


def _pictures(readout: Readout) -> dict[str, str]:
    from newshole.experiments.reporting.pictures import as_image, forest_picture, trend_picture

    drawn = {
        "forest": forest_picture(readout),
        "trend": trend_picture(readout) if readout.is_sound else "",
    }
    return {name: as_image(picture) for name, picture in drawn.items() if picture}
