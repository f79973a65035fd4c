"""The ad: a labelled slot with its room reserved, for a wrapper, an ad server or the site's own creatives.

A slot is empty and tells all that a wrapper or a script needs in data attributes: `data-nh-SERVER` what it is
there, `data-nh-sizes` and `data-nh-keys` in JSON, `data-nh-ordinal` which copy of the block it is. What the
site has of its own for a slot that nobody fills stands hidden beside it, in the same room.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from newshole.blocks import house, servers
from newshole.blocks.amp import CONSENT, amp_ads
from newshole.blocks.house import Shown
from newshole.blocks.kind import Content, Kind, Nothing, Setting, View, each, settled
from newshole.blocks.markup import snippet, snippet_fault, stylesheet, variables
from newshole.blocks.room import Frame, ad_room
from newshole.blocks.servers import as_json, server_of
from newshole.rules.kinds.ad import Ad
from newshole.rules.kinds.creative import Creative, Sizes
from newshole.rules.ruleset import Block, Rules
from newshole.rules.sensitivity import is_flagged

SENSITIVE: Final = "t"
"""The value of the key `sens` on a story that the ad server is told to be sensitive."""


@dataclass(frozen=True, slots=True)
class AdContent(Content):
    """What all copies of an ad share.

    `serve` is the key of `serve` that fills it; `only` the class that hides the ad from a device that it has
    no sizes for; `told` are those attributes of a slot that all copies have; `creatives` are the site's own
    that may be shown now.
    """

    label: str
    serve: str
    room: str
    only: str
    told: tuple[tuple[str, str], ...]
    creatives: tuple[Creative, ...] = ()


@each
def prepare(block: str, options: Ad, view: View) -> AdContent | Nothing:
    content, html = _content(options, view.setting), options.serve.html
    if isinstance(content, Nothing):
        return content
    if content.creatives:
        content = replace(content, creatives=house.running(content.creatives, view.now))
    if content.serve == "house" and not content.creatives:
        return Nothing("no creative for this time")
    if options.serve.amp is not None and view.story.amp is None:
        return Nothing("the page is no AMP page")
    return content if html is None else snippet_fault(html, variables(block, view, 1)) or content


@settled
def _content(options: Ad, setting: Setting) -> AdContent | Nothing:
    sizes, server = options.sizes, options.serve.server
    if not sizes.mobile and not sizes.desktop:
        return Nothing("no sizes for any device")
    creatives = house.usable(_own(options))
    if server == "house" and not creatives:
        return Nothing("no creative with an image and a link of http, https or the site itself")
    return AdContent(
        language="" if options.label else setting.language,
        label=options.label or setting.words.advertisement,
        serve=server,
        room=ad_room(options).name,
        only=_only(sizes),
        told=tuple(_told(options).items()),
        creatives=creatives,
    )


def _own(options: Ad) -> tuple[Creative, ...]:
    """The site's own creatives: those that fill the ad, or stand in where nobody does."""
    if options.serve.house is not None:
        return options.serve.house
    stands_in = options.unfilled in (None, "house")
    return options.house or () if stands_in else ()


def _only(sizes: Sizes) -> str:
    if sizes.mobile and sizes.desktop:
        return ""
    return " nh-mobile" if sizes.mobile else " nh-desktop"


def _told(options: Ad) -> dict[str, str]:
    """What every copy of a slot tells of itself."""
    told = {"data-nh-sizes": as_json({"mobile": options.sizes.mobile, "desktop": options.sizes.desktop})}
    if options.lazy_margins:
        told["data-nh-lazy"] = as_json(options.lazy_margins)
    if options.unfilled == "collapse-below":
        told["data-nh-unfilled"] = options.unfilled
    return told


def copied(block: Block, content: AdContent, view: View, ordinal: int) -> Mapping[str, object]:
    """What fills this copy."""
    options = _options(block)
    sens = _sens(view)
    if content.serve == "house":
        return {"shown": _shown(block, content, view, ordinal), "sens": sens}
    values = variables(block.id, view, ordinal)
    if options.serve.html is not None:
        return {"markup": snippet(options.serve.html, values), "sens": sens}
    keys = _keys(block, view, ordinal, sens)
    if options.serve.amp is not None:
        asks = CONSENT in (view.story.amp or ())
        return {"ads": tuple(amp_ads(options, options.serve.amp, values, keys, asks_consent=asks))}
    server = server_of(options.serve)
    assert server is not None  # noqa: S101 - for the type checker: all others are above
    attributes = server.attributes(getattr(options.serve, server.name), values, keys)
    return {
        "ordinal": ordinal,
        "attributes": tuple(attributes.items()),
        "own": _shown(block, content, view, ordinal),
        "sens": "" if server.has_keys else sens,
    }


def _sens(view: View) -> str:
    """The value of the key `sens` on a page, "" for a story that is not told to be sensitive."""
    return SENSITIVE if is_flagged(view.rules.sensitivity, view.story) else ""


def _shown(block: Block, content: AdContent, view: View, ordinal: int) -> tuple[Shown, ...]:
    seed = f"{view.story.url}\n{block.id}"
    return house.shown(_options(block), content.creatives, seed=seed, ordinal=ordinal)


def _keys(block: Block, view: View, ordinal: int, sens: str) -> dict[str, object]:
    """The key-values that are always offered."""
    keys = {"block": block.id, "ordinal": str(ordinal), "rules": view.rules.digest, "sens": sens}
    return {key: value for key, value in keys.items() if value}


def slot_entry(block: Block, view: View, ordinal: int) -> dict[str, object] | None:
    """What the manifest of a page's slots says of this copy; None for an ad that is no `slot`."""
    options = _options(block)
    if options.serve.slot is None:
        return None
    sens = _sens(view)
    keys = _keys(block, view, ordinal, sens)
    name = servers.slot_name(options.serve.slot, variables(block.id, view, ordinal))
    entry: dict[str, object] = {"id": slot_id(block.id, ordinal), "name": name, "block": block.id}
    entry |= {"ordinal": ordinal, "sizes": dict(options.sizes), "keys": keys}
    if options.lazy_margins:
        entry["lazy"] = options.lazy_margins
    return entry


def slot_id(block: str, ordinal: int) -> str:
    """The id of a slot's element."""
    return f"nh-{block}-{ordinal}"


def rules(options: Ad) -> tuple[str, ...]:
    """The CSS of the ad's room and of its creatives."""
    frames = (Frame(creative.width, creative.height).rule for creative in _own(options))
    fill = () if server_of(options.serve) is None else (stylesheet("slot.css"),)
    return (ad_room(options).rule, *fill, *frames)


def turns(blocks: Sequence[Block], view: View) -> Iterator[datetime | None]:
    """When a creative of the site's own begins or ceases to be shown."""
    for block in blocks:
        yield from house.turns(_own(_options(block)), view.now)


def is_steady(options: Ad, _rules: Rules) -> bool:
    """Whether no creative has a time of its own."""
    return all(each.start is None and each.until is None for each in _own(options))


def _options(block: Block) -> Ad:
    assert isinstance(block.options, Ad)  # noqa: S101 - for the type checker
    return block.options


KIND = Kind(
    "ad",
    prepare,
    copied=copied,
    rules=rules,
    scripts=servers.scripts,
    needed=servers.needed,
    turns=turns,
    is_steady=is_steady,
    slot_entry=slot_entry,
)
