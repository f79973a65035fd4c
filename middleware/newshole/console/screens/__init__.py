"""The screens, in the order of the menu; each is a module with a `SCREEN`."""

from __future__ import annotations

from typing import Final

from newshole.console.screens import (
    audit,
    blocks,
    experiments,
    health,
    preview,
    publish,
    rules,
    switches,
    why,
)
from newshole.console.visit import Screen

SCREENS: Final[tuple[Screen, ...]] = (
    preview.SCREEN,
    why.SCREEN,
    rules.SCREEN,
    publish.SCREEN,
    switches.SCREEN,
    blocks.SCREEN,
    experiments.SCREEN,
    health.SCREEN,
    audit.SCREEN,
)
