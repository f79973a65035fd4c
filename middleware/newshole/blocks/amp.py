"""The `amp-ad`: on AMP pages the only ad there may be.

Neither scripts nor a style of ours come onto such a page, so each device that has sizes gets an element of
its own, told apart by its `media`, and the element keeps the room.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from newshole.blocks.markup import filled, slug
from newshole.blocks.room import DESKTOP_FROM, ad_extents
from newshole.blocks.servers import Values, as_json, key_values
from newshole.rules.kinds import BlockOptions
from newshole.rules.kinds.ad import Ad
from newshole.rules.kinds.servers import DOUBLECLICK, Amp

EXTENSION: Final = "amp-ad"
"""The extension that a page has to load."""

CONSENT: Final = "amp-consent"
"""The extension by which a page asks for consent."""

_MEDIA: Final = {
    "mobile": f"(max-width:{DESKTOP_FROM - 1}.98px)",
    "desktop": f"(min-width:{DESKTOP_FROM}px)",
}


@dataclass(frozen=True, slots=True)
class AmpAd:
    """One element: its size in CSS pixels, the viewports that it is for ("" for all), its attributes."""

    width: int
    height: int
    media: str
    attributes: tuple[tuple[str, str], ...]


def amp_ads(
    options: Ad, amp: Amp, values: Values, keys: Mapping[str, object], *, asks_consent: bool
) -> Iterator[AmpAd]:
    """The elements of one ad, which wait for consent where the page asks for it."""
    attributes = {"type": amp.type}
    attributes |= {name: filled(text, values, slug) for name, text in amp.attributes.items()}
    if amp.type == DOUBLECLICK:
        attributes["json"] = as_json({"targeting": {**keys, **key_values(amp.targeting, values)}})
    if asks_consent:
        attributes["data-block-on-consent"] = ""
    boxes = ad_extents(options)
    if len(boxes) == len(_MEDIA) and len(set(boxes.values())) == 1:
        boxes = {"": boxes["mobile"]}
    for device, (width, height) in boxes.items():
        yield AmpAd(width, height, _MEDIA.get(device, ""), tuple(attributes.items()))


def amp_lack(options: BlockOptions, extensions: Collection[str]) -> str:
    """What keeps a block off an AMP page that loads these extensions, in words; "" where it may come."""
    if not isinstance(options, Ad) or options.serve.amp is None:
        return "an ad with serve.amp, which is all that is put there"
    return "" if EXTENSION in extensions else f"a page that loads {EXTENSION}"
