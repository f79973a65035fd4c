"""Pictures of a readout, as SVG to be put into a page: they take its colours, light or dark, and its font.

Drawn by matplotlib (extra `report`), in colours that stand for the page's own custom properties. Outcomes
are told by shape too, so nobody has to tell colours apart (those are of Okabe and Ito 2008).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from newshole.errors import UsageError
from newshole.experiments.analysis.looking import DAY, Point
from newshole.experiments.analysis.readout import Readout
from newshole.experiments.reporting.words import OUTCOMES, change, day, moment, name_of, span_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH: Final = 4.8
_INK: Final = "#010101"
_FAINT: Final = "#010102"
_ARMS: Final = ("#010103", "#010104", "#010105", "#010106", "#010107", "#010108", "#010109")
_COLOURS: Final = {
    _INK: "var(--ink)",
    _FAINT: "var(--faint)",
    **{colour: f"var(--arm-{n})" for n, colour in enumerate(_ARMS, 1)},
}
"""What is drawn, and what it is in the page."""

_MARKERS: Final = {"better": "^", "worse": "v", "no-difference": "s", "open": "o"}
_STYLE: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "newshole",
    "font.size": 9,
    "text.color": _INK,
    "axes.edgecolor": _FAINT,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.parse_math": False,
}


def trend_picture(readout: Readout) -> str:
    """The primary metric day by day: for each arm the lift so far in its always-valid interval.

    "" where nothing is known on any day. Raises UsageError where matplotlib is missing.
    """
    points = [each for each in readout.trend if isfinite(each.interval.high)]
    if not points:
        return ""
    figure, axes = _drawing(2.9)
    _draw_aims(axes, readout, is_upright=False)
    for arm, colour in zip(readout.design.others, _ARMS, strict=False):
        _draw_arm(axes, [each for each in points if each.arm == arm], colour)
    _set_days(axes, points)
    low, high = _room(points)
    axes.set_ylim(low, high)
    axes.yaxis.set_major_formatter(_percent)
    if len(readout.design.others) > 1:
        axes.legend(frameon=False, loc="upper right")
    said = "; ".join(_said(each) for each in points[-len(readout.design.others) :])
    label = readout.primary[0].metric.label
    return _svg(figure, "trend", f"Lift in {label}, day by day", f"At the end: {said}.")


def forest_picture(readout: Readout) -> str:
    """Every metric in one row: the lift as a mark, its interval as a line. "" for a test that is broken."""
    found = [each for each in readout.comparisons if isfinite(each.interval.high)]
    if not found or not readout.is_sound:
        return ""
    figure, axes = _drawing(0.6 + 0.52 * len(found))
    _draw_aims(axes, readout, is_upright=True)
    for row, each in enumerate(found):
        colour = _ARMS[readout.design.others.index(each.arm) % len(_ARMS)]
        axes.plot(each.interval, (row, row), color=colour, linewidth=2, solid_capstyle="butt")
        axes.plot(each.lift.value, row, _MARKERS[each.outcome], color=colour, markersize=7)
        axes.annotate(name_of(each, readout), (0, row), xycoords=("axes fraction", "data"),
                      xytext=(0, 9), textcoords="offset points", color=_INK, fontsize=9)  # fmt: skip
    axes.set_ylim(len(found) - 0.5, -0.9)
    axes.yaxis.set_visible(False)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(_percent)
    said = "; ".join(
        f"{name_of(each, readout)} {change(each.lift.value)}, {span_of(each.interval)}, "
        f"{OUTCOMES[each.outcome]}"
        for each in found
    )
    return _svg(figure, "forest", "Lift in every metric, with intervals", f"{said}.")


def as_image(picture: str) -> str:
    """A picture as a document of its own, light or dark by its reader's choice, for what takes no markup of
    others."""
    opening, rest = picture.split(">", 1)
    named = opening.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return f"{named}><style>{_palette()}</style>{rest}"


@cache
def _palette() -> str:
    return (Path(__file__).parent / "palette.css").read_text("utf-8")


def _drawing(height: float) -> tuple[Figure, Axes]:
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UsageError("a report with pictures needs matplotlib: pip install 'newshole[report]'") from error
    with rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        return figure, figure.add_subplot()


def _draw_aims(axes: Axes, readout: Readout, *, is_upright: bool) -> None:
    """The line of no change, and between dashes what is too small to matter."""
    line = axes.axvline if is_upright else axes.axhline
    line(0, color=_INK, linewidth=1)
    for edge in (-readout.design.min_effect, readout.design.min_effect):
        line(edge, color=_FAINT, linewidth=1, linestyle=(0, (4, 3)))


def _draw_arm(axes: Axes, points: Sequence[Point], colour: str) -> None:
    days = [_day(each.day) for each in points]
    low = [each.interval.low for each in points]
    high = [each.interval.high for each in points]
    axes.fill_between(days, low, high, color=colour, alpha=0.22, linewidth=0)
    axes.plot(days, [each.lift for each in points], "o-", color=colour, label=points[0].arm if points else "",
              markersize=3.5)  # fmt: skip


def _set_days(axes: Axes, points: Sequence[Point]) -> None:
    """At most five days, the last among them."""
    days = sorted({each.day for each in points})
    step = max(1, -(-(len(days) - 1) // 4))
    shown = days[::-1][::step][::-1]
    axes.set_xticks([_day(each) for each in shown], [f"{moment(each):%-d %b}" for each in shown])


def _room(points: Sequence[Point]) -> tuple[float, float]:
    """What the later half of the days needs: the first intervals are so wide that nothing else would show."""
    days = sorted({each.day for each in points})
    later = [each for each in points if each.day >= days[len(days) // 2 if len(days) > 3 else 0]]
    low = min(0.0, *(each.interval.low for each in later))
    high = max(0.0, *(each.interval.high for each in later))
    margin = 0.35 * (high - low) if len(later) < len(points) else 0.1 * (high - low)
    return low - margin, high + margin


def _said(point: Point) -> str:
    return f"{point.arm} {change(point.lift)}, {span_of(point.interval)} on {day(point.day)}"


def _percent(at: float, _: object) -> str:
    """What stands at a tick."""
    return f"{at:+.1%}".replace(".0%", "%") if round(at, 6) else "0"


def _day(ms: int) -> float:
    """Where a day stands: days since 1970."""
    return ms / DAY


def _svg(figure: Figure, name: str, title: str, description: str) -> str:
    """A drawing as an element of HTML, with a title and a description, its ids its own."""
    from matplotlib import rc_context

    written = io.StringIO()
    with rc_context(_STYLE):
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = written.getvalue()
    svg = svg[svg.index("<svg") :]
    for drawn, meant in _COLOURS.items():
        svg = svg.replace(drawn, meant)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\b(id="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r"font: ([\d.]+px) [^;\"]+", r"font: \1 system-ui, sans-serif", svg)
    return "".join(_told(svg, name, title, description))


def _told(svg: str, name: str, title: str, description: str) -> Iterator[str]:
    opening, rest = svg.split(">", 1)
    yield re.sub(r' (width|height|version|xmlns(:\w+)?)="[^"]*"', "", opening)
    yield f' role="img" aria-labelledby="{name}-title {name}-desc">'
    yield f'<title id="{name}-title">{escape(title)}</title>'
    yield f'<desc id="{name}-desc">{escape(description)}</desc>'
    yield rest.replace("xlink:href", "href").strip()
