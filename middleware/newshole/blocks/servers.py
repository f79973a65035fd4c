"""The servers that fill an ad in the browser: what a slot tells each of them, and the scripts that ask."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from newshole.blocks.markup import filled, markup_scripts, slug
from newshole.page.csp import STYLE, Needed
from newshole.rules.kinds.ad import Ad, Serve
from newshole.rules.kinds.servers import Adsense, Gpt, Prebid, Revive

as_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode

Values: TypeAlias = Mapping[str, str]
"""What variables stand for on one page, in one copy."""

_OWN: Final = ("consent.js", "slots.js")
_GPT_URL: Final = "https://securepubads.g.doubleclick.net/tag/js/gpt.js"
_ADSENSE_URL: Final = "https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js"


def slot_name(name: str, values: Values) -> str:
    """The name of a slot for the site's own wrapper."""
    return filled(name, values, slug)


def _slot(name: str, values: Values, keys: Mapping[str, object]) -> dict[str, str]:
    return {"data-nh-slot": slot_name(name, values), "data-nh-keys": as_json(keys)}


def _gpt(gpt: Gpt, values: Values, keys: Mapping[str, object]) -> dict[str, str]:
    told = {**keys, **key_values(gpt.targeting, values)}
    return {"data-nh-gpt": unit(gpt, values), "data-nh-keys": as_json(told)}


def _prebid(prebid: Prebid, values: Values, keys: Mapping[str, object]) -> dict[str, str]:
    wishes = prebid.model_dump(include={"library", "timeout", "granularity", "bids"}, mode="json")
    return {**_gpt(prebid, values, keys), "data-nh-bids": as_json(wishes)}


def _adsense(adsense: Adsense, _values: Values, _keys: Mapping[str, object]) -> dict[str, str]:
    return {"data-nh-adsense": as_json(adsense.model_dump())}


def _revive(revive: Revive, _values: Values, _keys: Mapping[str, object]) -> dict[str, str]:
    return {"data-nh-revive": as_json(revive.model_dump())}


@dataclass(frozen=True, slots=True)
class Server:
    """One server: the key of `serve` that names it, the attributes by which a slot tells it all it needs, and
    the `scripts` that ask it. `libraries` are the addresses of scripts that those load; with `has_keys` it
    takes key-values, so that none has to be told beside them."""

    name: str
    attributes: Callable[[Any, Values, Mapping[str, object]], dict[str, str]]
    scripts: tuple[str, ...] = ()
    libraries: Callable[[Any], tuple[str, ...]] = lambda _options: ()
    has_keys: bool = False


SERVERS: Final = (
    Server("slot", _slot),
    Server("gpt", _gpt, (*_OWN, "gpt.js"), lambda _options: (_GPT_URL,), has_keys=True),
    Server(
        "prebid",
        _prebid,
        (*_OWN, "prebid.js", "gpt.js"),
        lambda prebid: (_GPT_URL, prebid.library),
        has_keys=True,
    ),
    Server("adsense", _adsense, (*_OWN, "adsense.js"), lambda _options: (_ADSENSE_URL,)),
    Server("revive", _revive, (*_OWN, "revive.js"), lambda revive: (revive.url,)),
)
"""Every one of them."""

_BY_NAME: Final[Mapping[str, Server]] = {each.name: each for each in SERVERS}


def server_of(serve: Serve) -> Server | None:
    """Who fills an ad in the browser; None where it comes filled."""
    return _BY_NAME.get(serve.server)


def scripts(options: Ad) -> tuple[str, ...]:
    """The scripts that an ad needs."""
    server = server_of(options.serve)
    if server is None:
        return ()
    minds_unfilled = options.house is not None or options.unfilled == "collapse-below"
    return server.scripts or (_OWN if minds_unfilled else ())


def needed(options: Ad) -> tuple[Needed, ...]:
    """The scripts that an ad's server has loaded, or that stand in its markup, and the style, without which
    an ad has no room of its own and shows on every device."""
    server, serve = server_of(options.serve), options.serve
    if serve.amp is not None:
        return ()
    if server is None:
        own = markup_scripts(serve.html) if serve.html is not None and serve.scripts else ()
        return (STYLE, *own)
    return (STYLE, *(Needed(url, url=url) for url in server.libraries(getattr(serve, server.name))))


def unit(gpt: Gpt, values: Values) -> str:
    """The path of an ad unit; a part that a story leaves empty falls out."""
    return "/" + "/".join(part for part in filled(gpt.unit, values, slug).split("/") if part)


def key_values(targeting: Mapping[str, str | tuple[str, ...]], values: Values) -> dict[str, list[str]]:
    """The key-values, without those that a story leaves empty."""
    found = {
        key: [text for each in _listed(value) for text in _texts(each, values) if text]
        for key, value in targeting.items()
    }
    return {key: texts for key, texts in found.items() if texts}


def _texts(written: str, values: Values) -> list[str]:
    """The values that one in the rules stands for: of arms one for each experiment, as reports need them."""
    return values["arm"].split() if written == "{arm}" else [filled(written, values, slug)]


def _listed(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
