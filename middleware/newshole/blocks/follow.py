"""The follow call: one sentence that links to the site's page in a network, or a row of links to several.

Nothing is loaded from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from babel.numbers import format_decimal

from newshole.blocks.icons import ICONS
from newshole.blocks.kind import Content, Kind, Nothing, Setting, View, each, settled
from newshole.blocks.markup import filled, safe_url
from newshole.blocks.words import isolated, locale_of
from newshole.library.language import primary
from newshole.rules.kinds.follow import Follow, Followers
from newshole.rules.ruleset import Block, Rules

NETWORKS: Final = {
    "facebook": "Facebook",
    "instagram": "Instagram",
    "x": "X",
    "threads": "Threads",
    "bluesky": "Bluesky",
    "mastodon": "Mastodon",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "linkedin": "LinkedIn",
    "telegram": "Telegram",
    "whatsapp": "WhatsApp",
    "googlenews": "Google News",
    "rss": "RSS",
}
"""The networks as they write themselves."""

FRESH_DAYS: Final = 180
"""How long a follower count may be shown."""


@dataclass(frozen=True, slots=True)
class AccountLink:
    """The site's page in a network: the network's `name`, and the path of its `icon`."""

    name: str
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class FollowContent(Content):
    """A sentence that leads to one `account`, or a title over several `accounts`."""

    text: str
    account: AccountLink | None
    accounts: tuple[AccountLink, ...] = ()


@each
def prepare(_block: str, options: Follow, view: View) -> FollowContent | Nothing:
    return _content(options, view.setting)


@settled
def _content(options: Follow, setting: Setting) -> FollowContent | Nothing:
    accounts = tuple(_accounts(options))
    if not accounts:
        return Nothing("the address of the page is not http or https")
    if options.networks is not None:
        return FollowContent(*_title(options, setting), None, accounts)
    return FollowContent(*_sentence(options, setting), accounts[0])


def _accounts(options: Follow) -> Iterator[AccountLink]:
    """Those with an address of http or https."""
    asked = [(options.network, options.url)] if options.network else []
    asked += [(each.network, each.url) for each in options.networks or ()]
    for network, written in asked:
        if network and (url := safe_url(written)):
            yield AccountLink(NETWORKS[network], ICONS[network], url)


def _title(options: Follow, setting: Setting) -> tuple[str, str]:
    """What stands over several networks, with its language."""
    language, own = own_text(options, setting)
    values = {"page": isolated(options.page, setting.language)}
    if own and "{network}" not in own and "{followers}" not in own:
        return language, filled(own, values)
    return setting.language, filled(setting.words.follow_all, values)


def own_text(options: Follow, setting: Setting) -> tuple[str, str]:
    """The rule's own text, with the language that it is said to be in; "" for none.

    Of texts per language, that for the page's very locale goes before that for its language, and that before
    one for the language in its other forms; where we do not speak it, that for the language that we speak
    in its place.
    """
    if options.text is None or isinstance(options.text, str):
        return "", options.text or ""
    language = primary(setting.locale)
    fits = (
        lambda tag: locale_of(tag) == setting.locale,
        lambda tag: tag.casefold() == language,
        lambda tag: primary(tag) == language,
        lambda tag: tag == setting.language,
    )
    return next(((tag, options.text[tag]) for fit in fits for tag in options.text if fit(tag)), ("", ""))


def _sentence(options: Follow, setting: Setting) -> tuple[str, str]:
    """The rule's own text where all that it asks for is known, else our language and its wording."""
    words, network = setting.words, options.network or ""
    values = {"page": options.page, "network": NETWORKS[network]}
    values = {name: isolated(value, setting.language) for name, value in values.items()}
    values["on"] = filled(words.on_network.get(network, words.on), values)
    if options.followers and (followers := _followers(options.followers, setting)):
        values["followers"] = followers
    language, own = own_text(options, setting)
    if own and ("followers" in values or "{followers}" not in own):
        return language, filled(own, values)
    return setting.language, filled(words.join if "followers" in values else words.follow, values)


def _followers(followers: Followers, setting: Setting) -> str | None:
    """The count in words ("over 200,000"); None where it is old or too small to boast of."""
    if (setting.today - followers.as_of).days > FRESH_DAYS and not followers.always:
        return None
    number = rounded(followers.count)
    shown = format_decimal(number, locale=setting.locale)
    return filled(setting.words.over, {"number": shown}) if number else None


def turns(blocks: Sequence[Block], view: View) -> Iterator[datetime | None]:
    """The midnights after which counts are too old."""
    for block in blocks:
        assert isinstance(block.options, Follow)  # noqa: S101 - for the type checker
        followers = block.options.followers
        if followers is not None and not followers.always:
            first = followers.as_of + timedelta(days=FRESH_DAYS + 1)
            at = datetime.combine(first, time(), view.now.tzinfo)
            yield at if at > view.now else None


def is_steady(options: Follow, _rules: Rules) -> bool:
    """Whether no count grows too old."""
    return options.followers is None or options.followers.always


def rounded(count: int) -> int:
    """The count rounded down to two leading digits and to whole hundreds.

    Whole hundreds take one and the same plural form in every language of ours.
    """
    step = max(100, int("1" + "0" * (len(str(count)) - 2)))
    return count - count % step


KIND = Kind("follow", prepare, turns=turns, is_steady=is_steady)
