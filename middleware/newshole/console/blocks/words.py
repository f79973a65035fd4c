"""What the keys of a block are called in a newsroom, and what its kinds are for.

What a key means beyond its name is told by the schema's own description.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "ad": ("Ad", "A place for an ad server's ads, or for pictures of your own with a link."),
    "stories": ("Stories", "A list of stories: pinned ones, related ones, the latest, the most read."),
    "follow": ("Follow call", "Asks readers to follow you in a network, or in several."),
    "video": ("Video", "A video of yours, or a link to one."),
    "source": ("Source", "Says where a syndicated story came from."),
    "strip": ("Strip", "A thin line with the weather, the date and breaking news."),
    "newsletter": ("Newsletter", "A sign-up for a newsletter."),
    "paid": ("Paid content", "Says that somebody paid for the story, and who."),
    "html": ("HTML", "Markup of your own, for what no other kind does."),
}
"""Each kind in words, and what it is for."""

GROUPS: Final[Mapping[str, str]] = {
    "content": "What it shows",
    "schedule": "When it shows",
    "place": "Where it stands",
    "pages": "On which pages",
    "more": "More",
}
"""The parts of a form, in their order."""

MAIN: Final = frozenset(
    "place repeat.every repeat.max priority when.section when.type when.language when.device".split()
)
"""Fields beside those of "What it shows" and "When it shows" that are always in sight."""

SERVERS: Final[Mapping[str, str]] = {
    "house": "Pictures of our own",
    "slot": "The site's own ad script",
    "gpt": "Google Ad Manager",
    "prebid": "Google Ad Manager, with bids by Prebid",
    "adsense": "AdSense",
    "revive": "Revive Adserver",
    "amp": "An ad on AMP pages",
    "html": "Markup of our own",
}
"""Who may fill an ad."""

LABELS: Final[Mapping[str, str]] = {
    # What it shows
    "action": "Address that the form is sent to",
    "breaking.link": "Breaking: address of the story",
    "breaking.text": "Breaking: text",
    "breaking.until": "Breaking: shown until",
    "button": "Text of the button",
    "by": "Who paid",
    "count": "How many stories",
    "credit": "Who made it",
    "date": "The date shown",
    "embed": "Address of another site's player",
    "feed": "Address of a feed of videos",
    "field": "Name of the field for the address",
    "file": "Address of the video file",
    "followers.always": "Show the number even when it is old",
    "followers.as_of": "Followers counted on",
    "followers.count": "Followers",
    "house": "Pictures of our own where nobody fills the ad",
    "html": "Markup",
    "items": "Videos",
    "label": "Label above the ad",
    "layout": "Shown as",
    "lazy.margin": "Load the ad when readers are this near",
    "meta": "Meta element that says who paid",
    "name": "Name of the source",
    "network": "Network",
    "networks": "Networks",
    "otherwise": "Where no video fits the story",
    "page": "Our name there",
    "poster.alt": "Still: what it shows",
    "poster.height": "Still: height",
    "poster.image": "Still: address of the picture",
    "poster.width": "Still: width",
    "reserve": "Height kept free",
    "scripts": "Scripts may stand in the markup",
    "serve.adsense.client": "Publisher",
    "serve.adsense.slot": "Ad unit",
    "serve.amp.attributes": "Attributes",
    "serve.amp.targeting": "Key-values",
    "serve.amp.type": "Type",
    "serve.gpt.targeting": "Key-values",
    "serve.gpt.unit": "Ad unit",
    "serve.house": "Pictures",
    "serve.html": "Markup",
    "serve.prebid.bids": "Bidders",
    "serve.prebid.granularity": "Price steps",
    "serve.prebid.library": "Address of Prebid.js",
    "serve.prebid.targeting": "Key-values",
    "serve.prebid.timeout": "Wait for bids",
    "serve.prebid.unit": "Ad unit",
    "serve.revive.id": "Revive id",
    "serve.revive.url": "Address of the delivery script",
    "serve.revive.zone": "Zone",
    "serve.scripts": "Scripts may stand in the markup",
    "serve.slot": "Name of the slot",
    "sizes.desktop": "Sizes on desktops",
    "sizes.mobile": "Sizes on phones",
    "source": "Which stories",
    "strip:items": "What the strip shows",
    "text": "Text",
    "thumbnails": "Pictures beside the stories",
    "title": "Title",
    "unfilled": "Where nobody fills the ad",
    "url": "Address",
    "weather.feed.minutes": "Weather: read the service every",
    "weather.feed.oldest": "Weather: show it at most for",
    "weather.feed.temperature": "Weather: where the temperature is in the answer",
    "weather.feed.url": "Weather: address of the service",
    "weather.place": "Weather: place",
    "weather.temperature": "Weather: temperature",
    "weather.unit": "Weather: unit",
    # When it shows
    "when.from": "From",
    "when.schedule": "Days and hours",
    "when.until": "Until",
    # Where it stands
    "end": "Away from the end of the story",
    "exact": "There or not at all",
    "gap": "Away from other blocks",
    "max": "At most so many on a page",
    "place": "Place",
    "prefer": "Places in the order of preference",
    "priority": "Priority",
    "repeat.every": "Again every",
    "repeat.from": "First one at",
    "repeat.max": "At most so many times",
    "required": "Before every other block",
    "start": "Away from the start of the story",
    "story.min": "Only in stories of at least",
    # On which pages
    "when.all": "All of these",
    "when.any": "One of these",
    "when.author": "Author",
    "when.bot": "Crawlers",
    "when.consent": "Consent",
    "when.cookie": "Cookies",
    "when.country": "Country",
    "when.device": "Device",
    "when.header": "Headers of the request",
    "when.host": "Host",
    "when.jsonld": "Values in JSON-LD",
    "when.language": "Language",
    "when.logged_in": "Readers who are logged in",
    "when.meta": "Meta elements",
    "when.none": "None of these",
    "when.page": "Kind of page",
    "when.path": "Path",
    "when.paywalled": "Paywalled stories",
    "when.published": "Age of the story",
    "when.query": "Fields of the query",
    "when.referrer": "Readers who come from",
    "when.section": "Section",
    "when.sensitivity": "Sensitivity",
    "when.tag": "Tag",
    "when.type": "Type of story",
    "when.visits": "Pages that the reader has seen",
    "when.words": "Words in the story",
    # More
    "avoid": "Not near",
    "clear": "Room around headings, pictures and so on",
    "dismissed": "Readers may close it, for",
    "excludes": "Not together with",
    "fallback": "Stands in for it",
    "frequency.max": "A reader sees it on at most so many pages",
    "frequency.per": "In each",
    "group": "One of a group",
    "inside": "Only inside of",
    "needs": "Only together with",
    "not_inside": "Not inside of",
    # Of one entry of a list
    "row.alt": "What it shows, in words",
    "row.credit": "Who made it",
    "row.embed": "Address of another site's player",
    "row.file": "Address of the video file",
    "row.from": "Shown from",
    "row.height": "Height",
    "row.image": "Address of the picture",
    "row.link": "Link",
    "row.network": "Network",
    "row.poster.alt": "Still: what it shows",
    "row.poster.height": "Still: height",
    "row.poster.image": "Still: address of the picture",
    "row.poster.width": "Still: width",
    "row.tags": "Tags",
    "row.title": "Title",
    "row.until": "Shown until",
    "row.url": "Address",
    "row.weight": "Share",
    "row.width": "Width",
}
"""Names by the paths of keys; "KIND:PATH" goes before them, and "row." begins those of entries of lists."""

OPTIONS: Final[Mapping[str, str]] = {
    "pinned": "Pinned stories, in their order",
    "related": "Related to the story",
    "latest": "The latest",
    "popular": "The most read",
    "feed": "Those of our feeds",
    "list": "A list",
    "cards": "Cards",
    "first": "The first one",
    "nothing": "Nothing",
    "house": "Our own pictures",
    "keep": "Keep the place empty",
    "collapse-below": "Close the place while it is below the screen",
    "C": "°C",
    "F": "°F",
    "x": "X",
    "googlenews": "Google News",
    "linkedin": "LinkedIn",
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "whatsapp": "WhatsApp",
    "rss": "RSS",
    "mobile": "Phones",
    "desktop": "Desktops",
    "present": "Any that is known",
}
"""Choices in words; of others the first letter is written large."""

ABOUT: Final[Mapping[str, str]] = {
    "ad:house": "Shown in the place of the ad; each needs a size that fits.",
    "ad:reserve": "A height in pixels; or largest, or likely: that of the first size.",
    "exact": "Otherwise the nearest place will do where this one is not free.",
    "followers.always": "Otherwise it is left out after 180 days.",
    "gap": "In the place of what holds for all blocks.",
    "lazy.margin": "Otherwise it is loaded with the page.",
    "place": "",
    "repeat.every": "Further copies down the story.",
    "repeat.max": "",
    "required": "Placed before all others, whatever their priority.",
    "row.from": "",
    "row.until": "",
    "row.weight": "How often it is shown, against the others: 2 is twice as often as 1.",
    "serve.house": "Each is shown where it fits; of several that fit, one after its share.",
    "when.from": "",
    "when.schedule": "",
    "when.until": "",
}
"""What keys mean, where the schema says it in an engineer's words, or nothing is to be said."""

REST: Final = frozenset("reserve lazy.margin unfilled house".split())
"""Fields of "What it shows" that are out of sight where nothing stands in them."""

UNITS: Final[Mapping[str, str]] = {
    "lazy.margin": "pixels",
    "poster.height": "pixels",
    "poster.width": "pixels",
    "reserve": "pixels",
    "row.height": "pixels",
    "row.poster.height": "pixels",
    "row.poster.width": "pixels",
    "row.width": "pixels",
    "serve.prebid.timeout": "milliseconds",
    "weather.feed.minutes": "minutes",
    "weather.feed.oldest": "minutes",
}
"""What numbers count."""


def option_in_words(option: str) -> str:
    """A choice as people read it."""
    return OPTIONS.get(option) or (option[:1].upper() + option[1:]).replace("-", " ")
