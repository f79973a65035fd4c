"""How a site sets its stories on each device, as rules say it; what heights are estimated from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Final, Literal, TypeAlias

from newshole.page.screen import Metrics, Screen
from newshole.rules.words import Word
from newshole.rules.written import Conflict, Written, expected

Viewport: TypeAlias = tuple[int, int]

_VIEWPORT = re.compile(r"([1-9][0-9]{2,3}) ?[x×] ?([1-9][0-9]{2,3})")


def _measured(unit: Literal["px", "em"], low: float, high: float, example: str) -> Word:
    pattern = rf"([0-9]{{1,4}}(?:\.[0-9]{{1,3}})?) ?{unit}"
    compiled = re.compile(pattern)

    def read(value: object) -> float:
        match = compiled.fullmatch(value) if isinstance(value, str) else None
        if match is None or not low <= float(match[1]) <= high:
            raise expected(f'a length such as "{example}", from {low:g} to {high:g} {unit}')
        return float(match[1])

    return Word(read, {"type": "string", "pattern": f"^{pattern}$", "examples": [example]})


def _viewport(value: object) -> Viewport:
    match = _VIEWPORT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise expected('a viewport such as "360x800", width before height')
    return int(match[1]), int(match[2])


_VIEWPORT_SCHEMA: Final = {
    "type": "string",
    "pattern": f"^{_VIEWPORT.pattern}$",
    "examples": ["360x800", "1366x768"],
}


_COLUMN: Final = _measured("px", 100, 4000, "640 px")
_LENGTHS: Final = ("column", "font", "line", "letter", "margin")


class ScreenWritten(Written):
    """How stories are set on one device; what is left out stays as it is for news sites as a rule."""

    viewport: Annotated[Viewport, Word(_viewport, _VIEWPORT_SCHEMA)] | None = None
    """The window's width and height; a screen is as high as it."""
    column: Annotated[float, _COLUMN] | None = None
    """The width of the story's text."""
    font: Annotated[float, _measured("px", 6, 60, "18 px")] | None = None
    """The size of its letters."""
    line: Annotated[float, _measured("px", 6, 120, "28 px")] | None = None
    """The height of a line."""
    letter: Annotated[float, _measured("em", 0.2, 1.5, "0.49 em")] | None = None
    """The width of a letter on average, of the letters' size."""
    margin: Annotated[float, _measured("px", 0, 200, "20 px")] | None = None
    """The room between two paragraphs."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        try:
            (width, _), column = _viewport(written.get("viewport")), _COLUMN.read(written.get("column"))
        except ValueError:
            return
        if column > width:
            yield Conflict(f"the column of {column:g} px is wider than the viewport of {width}", ("column",))


class ScreensWritten(Written):
    """How the site sets its stories; `newshole measure` says what to write."""

    mobile: ScreenWritten | None = None
    desktop: ScreenWritten | None = None


def metrics(written: ScreensWritten | None) -> Metrics:
    """What is written, over what news sites have as a rule."""
    if written is None:
        return Metrics()
    usual = Metrics()
    return Metrics(_screen(written.mobile, usual.mobile), _screen(written.desktop, usual.desktop))


def _screen(written: ScreenWritten | None, usual: Screen) -> Screen:
    if written is None:
        return usual
    said = {key: value for key in _LENGTHS if (value := getattr(written, key)) is not None}
    width, height = written.viewport or (usual.width, usual.height)
    return replace(usual, width=width, height=height, **said)
