"""The follow call."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import get_args

import pytest

from newshole.blocks.follow import NETWORKS, rounded
from newshole.blocks.icons import ICONS
from newshole.blocks.words import LANGUAGES
from newshole.rules.kinds.follow import Account, Follow, Followers, Network
from tests.blocks.newsroom import block, fragment, in_language, parsed, text, view, why_empty
from tests.rules.files import mistakes

COUNT = Followers(count=200_000, as_of=dt.date(2024, 6, 1))
CALL = Follow(
    network="facebook", page="Interia Events", url="https://www.facebook.com/events", followers=COUNT
)
REFERENCE = (
    "Stay updated and become one of {followers} followers of our fanpage – like {page} on {network} "
    "and comment on our articles there!"
)


def said(language: str = "en", **changed: object) -> str:
    return text(fragment(block(CALL.model_copy(update=changed)), in_language(language)))


def test_every_network_of_the_rules_has_a_name() -> None:
    assert set(NETWORKS) == set(get_args(Network)) == set(ICONS)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Join over 200,000 people who follow Interia Events on Facebook."),
        ("de", "Schon über 200.000 Menschen folgen Interia Events auf Facebook. Folgen auch Sie uns."),
        ("pl", "Dołącz do ponad 200 000 osób, które obserwują Interia Events na Facebooku."),
        ("ru", "За «Interia Events» в Facebook уже следит более 200 000 человек. Присоединяйтесь!"),
        ("hu", "Interia Events: már több mint 200 000 ember követ minket a Facebookon. Csatlakozzon Ön is!"),
        ("he", "הצטרפו ליותר מ-200,000 העוקבים אחרי \u2068Interia Events\u2069 ב-\u2068Facebook\u2069."),
        ("ja", "200,000人以上がFacebookでInteria Eventsをフォローしています。ぜひフォローしてください。"),
    ],
)
def test_the_count_is_told_in_the_words_of_the_page(language: str, words: str) -> None:
    assert said(language) == words


def test_a_name_keeps_its_order_in_a_sentence_from_right_to_left() -> None:
    assert "\u206810 News!\u2069" in said("ar", page="10 News!")
    assert "\u206810 News!\u2069" in said("ar", page="10 News!", text="{page}")
    assert "\u2068" not in said("tr", page="10 News!")


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_network_can_be_told_of_in_every_language(language: str, network: str) -> None:
    for followers in (COUNT, None):
        words = said(language, network=network, followers=followers)
        assert "Interia Events" in words
        assert "{" not in words
        assert ("200" in words) == (followers is not None)


def test_a_feed_is_followed_by_itself() -> None:
    assert said(network="rss", followers=None) == "Follow Interia Events by RSS."


def test_the_text_of_the_reference_page() -> None:
    assert said(text=REFERENCE) == (
        "Stay updated and become one of over 200,000 followers of our fanpage – like Interia Events on "
        "Facebook and comment on our articles there!"
    )


@pytest.mark.parametrize(
    ("days", "always", "shown"), [(180, False, True), (181, False, False), (900, True, True)]
)
def test_an_old_count_is_left_out(days: int, always: bool, shown: bool) -> None:
    now = dt.datetime(2024, 6, 1, 12, tzinfo=dt.UTC) + dt.timedelta(days=days)
    options = CALL.model_copy(update={"followers": COUNT.model_copy(update={"always": always})})
    assert ("200,000" in text(fragment(block(options), view(now=now)))) == shown


def test_a_text_that_needs_a_count_gives_way_where_none_is_known() -> None:
    assert said(text=REFERENCE, followers=None) == "Follow Interia Events on Facebook."


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (99, 0),
        (100, 100),
        (999, 900),
        (1_234, 1_200),
        (41_800, 41_000),
        (203_456, 200_000),
        (1_999_999, 1_900_000),
    ],
)
def test_counts_are_rounded_down_and_end_in_two_noughts(count: int, words: int) -> None:
    assert rounded(count) == words


def test_a_handful_of_followers_is_nothing_to_boast_of() -> None:
    assert (
        said(followers=Followers(count=57, as_of=dt.date(2024, 6, 1))) == "Follow Interia Events on Facebook."
    )


def test_nothing_is_loaded_from_the_network() -> None:
    aside = parsed(fragment(block(CALL)))
    tags = {element.tag.rpartition("}")[2] for element in aside.iter()}
    assert tags == {"aside", "p", "svg", "path", "a"}
    [link] = aside.iter("a")
    assert (link.get("href"), link.get("rel")) == (CALL.url, "noopener")


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_has_a_sign_of_its_own(network: str) -> None:
    aside = parsed(fragment(block(CALL.model_copy(update={"network": network}))))
    [path] = (each for each in aside.iter() if each.tag.endswith("path"))
    assert path.get("d") == ICONS[network]
    assert len(set(ICONS.values())) == len(ICONS)


TEXTS = {
    "en": "Find {page} on {network}",
    "pt-BR": "Siga a {page}",
    "pt": "Siga o {page}",
    "hi": "{page} {network}",
}


@pytest.mark.parametrize(
    ("page", "words", "language"),
    [
        ("en-GB", "Find Interia Events on Facebook", None),
        ("pt-BR", "Siga a Interia Events", None),
        ("pt-PT", "Siga o Interia Events", None),
        ("hi", "Interia Events Facebook", None),
        ("de", "Folgen Sie Interia Events auf Facebook.", None),
        ("fa", "Find Interia Events on Facebook", "en"),
    ],
)
def test_a_text_for_each_language(page: str, words: str, language: str | None) -> None:
    options = CALL.model_copy(update={"text": TEXTS, "followers": None})
    markup = fragment(block(options), in_language(page))
    assert text(markup) == words
    assert parsed(markup).get("lang") == language


SEVERAL = Follow(
    page="Interia Events",
    networks=(
        Account(network="mastodon", url="https://social.example/@events"),
        Account(network="rss", url="https://news.example/feed"),
    ),
)


def test_several_networks_are_a_row_of_links_with_their_names() -> None:
    aside = parsed(fragment(block(SEVERAL)))
    assert aside[0].text == "Follow Interia Events"
    links = [("".join(link.itertext()), link.get("href"), link.get("rel")) for link in aside.iter("a")]
    assert links == [
        ("Mastodon", "https://social.example/@events", "noopener"),
        ("RSS", "https://news.example/feed", "noopener"),
    ]


def test_the_title_over_several_networks_may_be_the_rules_own() -> None:
    own = SEVERAL.model_copy(update={"text": "{page} elsewhere"})
    assert text(fragment(block(own))).startswith("Interia Events elsewhere")
    of_one = SEVERAL.model_copy(update={"text": "{page} on {network}"})
    assert text(fragment(block(of_one))).startswith("Follow Interia Events")


def test_of_several_networks_those_with_an_address_are_shown() -> None:
    wrong = Account.model_construct(network="x", url="javascript:x")
    some = SEVERAL.model_copy(update={"networks": (wrong, *(SEVERAL.networks or ()))})
    assert len(list(parsed(fragment(block(some))).iter("a"))) == 2
    assert why_empty(block(SEVERAL.model_copy(update={"networks": (wrong,)}))).startswith("the address")


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("url: https://x.com/p", 'needs "network" or "networks"'),
        ("network: x", 'needs "url"'),
        (
            "networks: [{network: x, url: https://x.com/p}], url: https://x.com/p",
            '"url" and "networks" do not go together',
        ),
        (
            "network: x, url: https://x.com/p, text: {xx: Hi}",
            'expected a language tag such as "en" or "pt-BR"',
        ),
        ("network: x, url: https://x.com/p, text: {de: '{pages}'}", 'did you mean "{page}"?'),
    ],
)
def test_mistakes_are_told(tmp_path: Path, keys: str, sentence: str) -> None:
    [mistake] = mistakes(tmp_path, f"blocks:\n  x: {{kind: follow, page: P, place: body-end, {keys}}}\n")
    assert sentence in mistake
