"""The options of an ad: who fills it, with what sizes, and what stands there where nobody does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from newshole.rules.kinds.creative import PIXELS_SCHEMA, Creative, Extent, Sizes, extents, fits
from newshole.rules.kinds.servers import Adsense, Amp, Gpt, Prebid, Revive
from newshole.rules.kinds.texts import Snippet, Variables, script_conflicts
from newshole.rules.places import PerDevice, PixelsByDevice
from newshole.rules.words import Flag, Pixels, Several, Text, Word
from newshole.rules.written import Conflict, Written, expected, found_in, just_one, one_of
from newshole.types import DEVICES

SERVERS: Final = ("slot", "gpt", "prebid", "adsense", "revive", "amp", "html", "house")
"""Who may fill an ad."""

LATE: Final = ("slot", "gpt", "prebid", "adsense", "revive")
"""Those that fill it in the browser, or leave it unfilled."""


def _reserve(value: object) -> str | int:
    if isinstance(value, str) and value in ("largest", "likely"):
        return value
    if type(value) is int and 0 < value <= 10_000:
        return value
    raise expected('"largest", "likely" or a height in pixels')


class Serve(Written):
    """Who fills an ad: exactly one of these."""

    model_config = just_one(*SERVERS)
    slot: Variables | None = None
    """The name of an empty, reserved element that the site's own ad wrapper fills."""
    gpt: Gpt | None = None
    prebid: Prebid | None = None
    adsense: Adsense | None = None
    revive: Revive | None = None
    amp: Amp | None = None
    html: Snippet | None = None
    """The operator's own markup, a Jinja2 template."""
    scripts: Flag = False
    """Whether scripts may stand in `html`."""
    house: Several[Creative] | None = None
    """Images of the site's own."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from one_of(written, *SERVERS)
        yield from script_conflicts(written)

    @property
    def server(self) -> str:
        """Which of `SERVERS` fills it."""
        return next((name for name in SERVERS if getattr(self, name) is not None), "")


class Lazy(Written):
    """An ad that is asked for only when a reader comes near."""

    margin: PerDevice[Pixels, PixelsByDevice]
    """How many pixels from the viewport it is asked for."""


class Ad(Written):
    """An ad slot."""

    serve: Serve
    sizes: Sizes
    label: Text | None = None
    """What stands above the ad; the word of the page's language where absent."""
    reserve: Annotated[
        Literal["largest", "likely"] | Pixels,
        Word(_reserve, {"anyOf": [{"enum": ["largest", "likely"]}, PIXELS_SCHEMA]}),
    ] = "largest"
    """The height kept free: the largest creative's, that of the first one listed (`likely`), or pixels."""
    lazy: Lazy | None = None
    """Asked for only near the viewport; with the page where absent."""
    unfilled: Literal["house", "keep", "collapse-below"] | None = None
    """What becomes of an ad that nobody fills: `house` where there is one, else `keep`."""
    house: Several[Creative] | None = None
    """Images of the site's own that stand in where nobody fills it."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        serve = written.get("serve")
        served = serve if isinstance(serve, Mapping) else {}
        yield from _out_of_place(written, served)
        rooms = _rooms(written)
        yield from _too_large(found_in(written, "house"), rooms, ("house",))
        yield from _too_large(found_in(served, "house"), rooms, ("serve", "house"))

    @property
    def lazy_margins(self) -> dict[str, int]:
        """The margin of each device in pixels; empty for an ad that comes with the page."""
        if self.lazy is None:
            return {}
        margin = self.lazy.margin
        by_device = {
            device: margin if isinstance(margin, int) else getattr(margin, device) for device in DEVICES
        }
        return {device: pixels for device, pixels in by_device.items() if pixels is not None}


def _out_of_place(written: Mapping[str, object], served: Mapping[str, object]) -> Iterator[Conflict]:
    """Keys that say what an ad does in the browser, where its server does nothing there."""
    if served and not any(name in served for name in LATE):
        for key in ("lazy", "unfilled", "house"):
            if key in written:
                yield Conflict(f'"{key}" is for ads that are served by {", ".join(LATE)}', (key, "[key]"))
    if written.get("unfilled") == "house" and "house" not in written:
        yield Conflict('"unfilled: house" needs "house"', ("unfilled",), lacks=("house",))


def _rooms(written: Mapping[str, object]) -> dict[str, Extent]:
    """The room of each device, as far as sizes and reserve can be read."""
    sizes, reserve = written.get("sizes"), written.get("reserve", "largest")
    if not isinstance(sizes, Mapping):
        return {}
    found = {device: [*_extents(found_in(sizes, device))] for device in DEVICES}
    return extents(found, reserve if isinstance(reserve, (int, str)) else "largest")


def _extents(written: list[object]) -> Iterator[Extent]:
    for each in written:
        if isinstance(each, (list, tuple)) and len(each) == 2:
            width, height = each
            if type(width) is int and type(height) is int:
                yield width, height


def _too_large(
    creatives: list[object], rooms: Mapping[str, Extent], at: tuple[str, ...]
) -> Iterator[Conflict]:
    """Creatives that are larger than the room of every device, and devices that none is for."""
    shapes = [(each.get("width"), each.get("height")) for each in creatives if isinstance(each, Mapping)]
    listed = ", ".join(f"{device} {width} × {height}" for device, (width, height) in rooms.items())
    fitting: set[str] = set()
    for n, size in enumerate(shapes):
        for width, height in _extents([size]):
            own = {device for device, room in rooms.items() if fits((width, height), room)}
            fitting |= own
            if rooms and not own:
                sentence = f"{width} × {height} is larger than the room that is kept for it: {listed}"
                yield Conflict(sentence, (*at, n))
    for device in rooms if fitting else ():
        if device not in fitting:
            width, height = rooms[device]
            yield Conflict(f"no creative fits the room on {device}: {width} × {height}", (*at, "[key]"))
