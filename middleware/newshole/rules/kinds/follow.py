"""The options of a follow call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from newshole.rules.kinds.texts import with_braces
from newshole.rules.words import Day, Flag, Language, Link, Positive, Several, Text
from newshole.rules.written import Conflict, Written, one_of

Network: TypeAlias = Literal[
    "facebook", "instagram", "x", "threads", "bluesky", "mastodon", "youtube", "tiktok", "linkedin",
    "telegram", "whatsapp", "googlenews", "rss",
]  # fmt: skip

Sentence = Annotated[str, with_braces("page", "network", "followers")]
_Sentences = Annotated[dict[Language, Sentence], Field(json_schema_extra={"additionalProperties": False})]


class Followers(Written):
    """A follower count and the day it was read; older than 180 days it is left out, unless `always`."""

    count: Positive
    as_of: Day
    always: Flag = False


class Account(Written):
    """The site's page in one of several networks."""

    network: Network
    url: Link


class Follow(Written):
    """A call to follow the site in a network, or in several."""

    network: Network | None = None
    page: Text
    """The site's name in the network."""
    url: Link | None = None
    """The site's page there."""
    networks: Several[Account] | None = None
    """Several networks, each with the site's page there, as a row of links."""
    followers: Followers | None = None
    text: (
        Annotated[
            Annotated[Sentence, Tag("(one)")] | Annotated[_Sentences, Tag("(languages)")],
            Discriminator(lambda written: "(languages)" if isinstance(written, Mapping) else "(one)"),
        ]
        | None
    ) = None
    """The sentence, in place of that of the page's language, one for all or one for each language;
    `{page}`, `{network}` and `{followers}` ("over 200,000") in it are filled in."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from one_of(written, "network", "networks")
        if "network" in written and "url" not in written:
            yield Conflict('needs "url"', lacks=("url",))
        for key in ("url", "followers") if "networks" in written else ():
            if key in written:
                yield Conflict(f'"{key}" and "networks" do not go together', (key, "[key]"))
