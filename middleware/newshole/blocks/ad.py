"""The ad: a labelled slot with its room reserved, for a wrapper, an ad server or the site's own creatives.

A slot is empty and tells all that a wrapper needs in data attributes: `data-nh-slot` (or `data-nh-gpt`)
its name, `data-nh-sizes` and `data-nh-keys` in JSON, `data-nh-ordinal` which copy of the block it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from newshole.blocks import house
from newshole.blocks.kind import Content, Kind, Nothing, Setting, View, each, settled
from newshole.blocks.markup import asset, filled, slug, snippet, snippet_fault, variables
from newshole.blocks.room import Frame, ad_room
from newshole.rules.kinds.ad import Ad, Creative, Gpt, Sizes
from newshole.rules.ruleset import Block
from newshole.rules.sensitivity import is_flagged

_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_GPT: Final = asset("gpt.js")

SENSITIVE: Final = "t"
"""The value of the key `sens` on a story that the ad server is told to be sensitive."""


@dataclass(frozen=True, slots=True)
class AdContent(Content):
    """What all copies of an ad share.

    `serve` is "slot", "html", "house" or "gpt"; `only` the class that hides the ad from a device that it
    has no sizes for; `creatives` are those that may be shown, `sizes` are JSON.
    """

    label: str
    serve: str
    room: str
    only: str
    sizes: str
    creatives: tuple[Creative, ...] = ()


@each
def prepare(block: str, options: Ad, view: View) -> AdContent | Nothing:
    content, html = _content(options, view.setting), options.serve.html
    if isinstance(content, Nothing) or html is None:
        return content
    return snippet_fault(html, variables(block, view, 1)) or content


@settled
def _content(options: Ad, setting: Setting) -> AdContent | Nothing:
    sizes, serve = options.sizes, options.serve
    if not sizes.mobile and not sizes.desktop:
        return Nothing("no sizes for any device")
    served = next((name for name in ("slot", "html", "house", "gpt") if getattr(serve, name) is not None), "")
    creatives = house.usable(serve.house or ())
    if served == "house" and not creatives:
        return Nothing("no creative with an image and a link of http, https or the site itself")
    return AdContent(
        language="" if options.label else setting.language,
        label=options.label or setting.words.advertisement,
        serve=served,
        room=ad_room(options).name,
        only=_only(sizes),
        sizes=_sizes(sizes),
        creatives=creatives,
    )


def copied(block: Block, content: AdContent, view: View, ordinal: int) -> Mapping[str, object]:
    """What fills this copy."""
    options = block.options
    assert isinstance(options, Ad)  # noqa: S101 - for the type checker
    sens = SENSITIVE if is_flagged(view.rules.sensitivity, view.story) else ""
    if content.serve == "house":
        seed = f"{view.story.url}\n{block.id}"
        return {"shown": house.shown(options, content.creatives, seed=seed, ordinal=ordinal), "sens": sens}
    values = variables(block.id, view, ordinal)
    if options.serve.html is not None:
        return {"markup": snippet(options.serve.html, values), "sens": sens}
    keys: dict[str, object] = {"block": block.id, "ordinal": str(ordinal)}
    if view.rules.digest:
        keys["rules"] = view.rules.digest
    if sens:
        keys["sens"] = sens
    if options.serve.gpt is not None:
        keys |= _targeting(options.serve.gpt, values)
        # The runtime script sets all key-values on the slot, `sens` among them.
        return {"name": _unit(options.serve.gpt, values), "ordinal": ordinal, "keys": _json(keys), "sens": ""}
    name = filled(options.serve.slot or "", values, slug)
    return {"name": name, "ordinal": ordinal, "keys": _json(keys), "sens": sens}


def _only(sizes: Sizes) -> str:
    if sizes.mobile and sizes.desktop:
        return ""
    return " nh-mobile" if sizes.mobile else " nh-desktop"


def _sizes(sizes: Sizes) -> str:
    return _json({"mobile": sizes.mobile, "desktop": sizes.desktop})


def _unit(gpt: Gpt, values: Mapping[str, str]) -> str:
    """The path of an ad unit; a part that a story leaves empty falls out."""
    return "/" + "/".join(part for part in filled(gpt.unit, values, slug).split("/") if part)


def _targeting(gpt: Gpt, values: Mapping[str, str]) -> dict[str, object]:
    """The key-values, without those that a story leaves empty."""
    found = {
        key: [text for text in (filled(each, values, slug) for each in _listed(value)) if text]
        for key, value in gpt.targeting.items()
    }
    return {key: texts for key, texts in found.items() if texts}


def _listed(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def rules(options: Ad) -> tuple[str, ...]:
    """The CSS of the ad's room and of its creatives."""
    frames = (Frame(creative.width, creative.height).rule for creative in options.serve.house or ())
    return (ad_room(options).rule, *frames)


def script(options: Ad) -> str:
    """The library of the ad server, once a page."""
    return _GPT if options.serve.gpt is not None else ""


KIND = Kind("ad", prepare, copied=copied, rules=rules, script=script)
