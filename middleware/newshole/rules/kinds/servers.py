"""What each ad server is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from newshole.rules.kinds.creative import LoadedUrl
from newshole.rules.kinds.texts import Variables
from newshole.rules.words import OneOrSeveral, Positive, Several, Word, matching, whole
from newshole.rules.written import Conflict, Written, expected


class Gpt(Written):
    """A Google Publisher Tag slot: the ad unit's path and its key-values, variables allowed in both."""

    unit: Variables
    """Such as "/1234/{site}/{section}"; a part that a story leaves empty falls out."""
    targeting: dict[str, OneOrSeveral[Variables]] = Field(default_factory=dict)


def _params(value: object) -> Mapping[str, Any]:
    try:
        if isinstance(value, Mapping) and json.dumps(value):
            return dict(value)
    except TypeError:
        pass
    raise expected("a mapping such as {placementId: 12345}, as the bidder's own page has it")


class Bid(Written):
    """One bidder of an ad unit."""

    bidder: Annotated[str, matching("[A-Za-z0-9_]+", "a bidder's code, such as rubicon")]
    params: Annotated[Mapping[str, Any], Word(_params, {"type": "object"})]
    """What the bidder wants to know, as its adapter's documentation says."""


class Prebid(Gpt):
    """A Google Publisher Tag slot whose price bidders may raise before it is asked for."""

    library: LoadedUrl
    """Where the site's build of Prebid.js is."""
    bids: Several[Bid]
    timeout: Annotated[int, whole(100, 10_000, "milliseconds from 100 to 10000")] = 1000
    """Milliseconds after which no more bids are waited for."""
    granularity: Literal["low", "medium", "high", "auto", "dense"] = "medium"
    """The steps in which prices are told to the ad server."""


class Adsense(Written):
    """An AdSense ad unit of a fixed size."""

    client: Annotated[str, matching("ca-pub-[0-9]{10,20}", 'a publisher such as "ca-pub-1234567890123456"')]
    slot: Annotated[str, matching("[0-9]{4,20}", 'the number of an ad unit in quotes, such as "1234567890"')]


class Revive(Written):
    """A zone of a Revive ad server, asked for asynchronously."""

    url: LoadedUrl
    """Of its delivery script, such as "https://ads.example/www/delivery/asyncjs.php"."""
    zone: Positive
    id: Annotated[str, matching("[0-9a-f]{32}", "the 32 hexadecimal digits of data-revive-id")]


DOUBLECLICK: Final = "doubleclick"
"""The type of an `amp-ad` that takes key-values."""

_ATTRIBUTE = matching("data-[a-z0-9-]+|json|rtc-config", 'an attribute such as "data-slot"')


class Amp(Written):
    """An `amp-ad`, on AMP pages alone."""

    type: Annotated[str, matching("[a-z0-9-]+", "the type of an amp-ad, such as doubleclick")]
    attributes: dict[Annotated[str, _ATTRIBUTE], Variables] = Field(
        default_factory=dict, json_schema_extra={"additionalProperties": False}
    )
    """Such as `data-slot`, variables allowed."""
    targeting: dict[str, OneOrSeveral[Variables]] = Field(default_factory=dict)
    """Key-values, for `type: doubleclick`."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        if "targeting" in written and written.get("type") != DOUBLECLICK:
            yield Conflict(f'"targeting" is for "type: {DOUBLECLICK}"', ("targeting", "[key]"))
        attributes = written.get("attributes")
        if isinstance(attributes, Mapping) and "json" in attributes and written.get("type") == DOUBLECLICK:
            yield Conflict('say it in "targeting"', ("attributes", "json", "[key]"))
