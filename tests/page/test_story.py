"""What a page says of itself is read from all its sources, and nothing in it is trusted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.page.document import Document
from newshole.page.story import LONGEST_VALUE, MOST_TAGS, MOST_VALUES, read_story
from newshole.types import Story

URL = "https://www.news.example/world/bridge"


def read(head: str, *, url: str = URL, encoding: str = "utf-8", lang: str = "") -> Story:
    page = f"<!doctype html><html{lang}><head>{head}</head><body><p>a</p></body></html>"
    return read_story(Document(page.encode(encoding), encoding), url)


def stated(**article: Any) -> str:
    text = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle"} | article)
    return f'<script type="application/ld+json">{text}</script>'


def meta(**said: str) -> str:
    return "".join(
        f'<meta property="{name.replace("__", ":")}" content="{text}">' for name, text in said.items()
    )


def test_a_page_that_says_nothing_is_an_empty_story() -> None:
    assert read("") == Story(url=URL)
    assert read_story(Document(b""), "") == Story()


def test_all_that_jsonld_states() -> None:
    story = read(
        stated(
            headline="Bridge &\n mended",
            articleSection=["World", "Europe"],
            keywords=["bridge", "council, town", "Bridge"],
            inLanguage="en-GB",
            author=[{"@type": "Person", "name": "A. Writer"}, "B. Author", {"name": "A. Writer"}],
            datePublished="2024-07-18T09:30:00+02:00",
            dateModified="2024-07-19",
            description="The bridge.",
            image={"@type": "ImageObject", "url": "/bridge.jpg"},
            publisher={"@type": "Organization", "name": "News"},
        )
    )
    assert story == Story(
        url=URL,
        title="Bridge & mended",
        section="World",
        tags=("bridge", "council", "town"),
        language="en-GB",
        types=("NewsArticle",),
        authors=("A. Writer", "B. Author"),
        published=datetime(2024, 7, 18, 9, 30, tzinfo=timezone(timedelta(hours=2))),
        modified=datetime(2024, 7, 19, tzinfo=UTC),
        description="The bridge.",
        image="https://www.news.example/bridge.jpg",
        site="News",
    )
    assert story.is_article


def test_all_that_opengraph_and_other_metas_say() -> None:
    story = read(
        meta(
            og__title="Bridge",
            og__type="article",
            article__section="World",
            article__published_time="2024-07-18T09:30:00Z",
            article__modified_time="Fri, 19 Jul 2024 09:30:00 GMT",
            og__locale="pl_PL",
            og__description="The bridge.",
            og__image="https://img.example/b.jpg",
            og__site_name="News",
            author="A. Writer",
            article__author="https://facebook.example/a.writer",
            keywords="bridge, town",
        )
        + meta(article__tag="council")
        + meta(article__tag="town")
    )
    assert story == Story(
        url=URL,
        title="Bridge",
        section="World",
        tags=("council", "town"),
        language="pl-PL",
        types=("article",),
        authors=("A. Writer",),
        published=datetime(2024, 7, 18, 9, 30, tzinfo=UTC),
        modified=datetime(2024, 7, 19, 9, 30, tzinfo=UTC),
        description="The bridge.",
        image="https://img.example/b.jpg",
        site="News",
    )


def test_jsonld_comes_before_opengraph_and_that_before_the_page() -> None:
    title, graph = "<title>Page</title>", meta(og__title="Graph")
    assert read(title).title == "Page"
    assert read(title + graph).title == "Graph"
    assert read(title + graph + stated(headline="Stated")).title == "Stated"
    assert read(title + graph + stated(headline=["", {"name": "Stated"}])).title == "Stated"
    assert read("</head><body><h1>Only a heading</h1>").title == "Only a heading"


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-07-18", datetime(2024, 7, 18, tzinfo=UTC)),
        ("2024-07-18T09:30", datetime(2024, 7, 18, 9, 30, tzinfo=UTC)),
        ("2024-07-18T09:30:00.000Z", datetime(2024, 7, 18, 9, 30, tzinfo=UTC)),
        ("2024-07-18T11:30:00+0200", datetime(2024, 7, 18, 9, 30, tzinfo=UTC)),
        ("2024-07-18T09:30:00 UTC", datetime(2024, 7, 18, 9, 30, tzinfo=UTC)),
        ("Thu, 18 Jul 2024 11:30:00 +0200", datetime(2024, 7, 18, 9, 30, tzinfo=UTC)),
        ("", None),
        ("yesterday", None),
        ("18/07/2024", None),
        ("99999-01-01", None),
        (1721295000, None),
        (None, None),
    ],
)
def test_dates_are_aware_or_none(written: object, moment: datetime | None) -> None:
    assert read(stated(datePublished=written)).published == moment


def test_a_date_that_cannot_be_read_gives_way_to_the_next() -> None:
    head = stated(datePublished="soon") + meta(article__published_time="2024-07-18")
    assert read(head).published == datetime(2024, 7, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lang", "head", "language"),
    [
        (" lang=pl", stated(inLanguage="en"), "pl"),
        (" lang=zh-Hant-TW", "", "zh-Hant-TW"),
        (" xml:lang=pt_BR", "", "pt-BR"),
        (" lang=''", stated(inLanguage="en"), "en"),
        ("", stated(inLanguage={"@type": "Language", "name": "de"}), "de"),
        ("", meta(og__locale="fr_FR"), "fr-FR"),
        ("", '<meta http-equiv="Content-Language" content="sv, en">', "sv"),
        (" lang='<script>'", "", ""),
        (" lang='język polski'", "", ""),
        (" lang='---'", "", ""),
    ],
)
def test_the_language_is_a_tag_or_nothing(lang: str, head: str, language: str) -> None:
    assert read(head, lang=lang).language == language


@pytest.mark.parametrize(
    ("head", "origin"),
    [
        (stated(isBasedOn="https://wire.example/1"), "https://wire.example/1"),
        (stated(isBasedOn={"@type": "Article", "url": "https://wire.example/1"}), "https://wire.example/1"),
        (stated(isBasedOn=[{"@id": "https://wire.example/1"}]), "https://wire.example/1"),
        (stated(isBasedOn="javascript:alert(1)"), ""),
        (stated(isBasedOn={"url": ["https://wire.example/1"]}), ""),
        ('<meta name="syndication-source" content="https://wire.example/1">', "https://wire.example/1"),
        ('<link rel="Canonical" href="https://wire.example/1">', "https://wire.example/1"),
        ('<link rel="canonical" href="/world/bridge?x=1">', ""),
        ('<link rel="canonical" href="https://news.example/world/bridge">', ""),
        ('<link rel="canonical" href="https://m.news.example/bridge">', ""),
        ('<link rel="canonical" href="https://world.news.example/bridge">', ""),
        (
            '<link rel="canonical" href="https://othernews.example/bridge">',
            "https://othernews.example/bridge",
        ),
        ('<link rel="canonical" href="http://[bad">', ""),
        ('<link rel="canonical" href="">', ""),
    ],
)
def test_the_origin_is_another_sites_address(head: str, origin: str) -> None:
    assert read(head).origin == origin


def test_a_host_in_its_own_letters_is_the_same_as_in_those_of_dns() -> None:
    canonical = '<link rel="canonical" href="https://xn--mnchen-3ya.example/a">'
    assert read(canonical, url="https://münchen.example/a").origin == ""


def test_without_an_address_the_canonical_one_is_taken() -> None:
    story = read('<link rel="canonical" href="https://wire.example/1">', url="")
    assert (story.url, story.origin) == ("https://wire.example/1", "")
    assert read('<link rel="canonical" href="javascript:alert(1)">', url="").url == ""


@pytest.mark.parametrize(
    ("image", "address"),
    [
        ("/b.jpg", "https://www.news.example/b.jpg"),
        (["b.jpg", "c.jpg"], "https://www.news.example/world/b.jpg"),
        ([{"url": "https://img.example/b.jpg"}], "https://img.example/b.jpg"),
        ({"contentUrl": "//img.example/b.jpg"}, "https://img.example/b.jpg"),
        ({"@id": "#primaryimage"}, "https://www.news.example/world/bridge#primaryimage"),
        ("data:image/png;base64,AAAA", ""),
        ([], ""),
        ([[]], ""),
        ({"url": {"url": "b.jpg"}}, ""),
    ],
)
def test_an_image_is_an_address_in_any_of_its_forms(image: object, address: str) -> None:
    assert read(stated(image=image)).image == address


def test_a_page_stuffed_with_tags_is_tagged_with_the_first_of_them() -> None:
    tags = read(stated(keywords=",".join(map(str, range(1000))))).tags
    assert tags == tuple(map(str, range(MOST_TAGS)))


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "koi8-r", "cp932", "gb18030"])
def test_all_is_read_in_the_encoding_of_the_page(encoding: str) -> None:
    head = (
        "<title>Мост &mdash; Мир</title>"
        "<meta property='article:section' content='Новости &amp; мир'>"
        '<script type="application/ld+json">{"@type": "NewsArticle", "keywords": ["мост"]}</script>'
    )
    story = read(head, encoding=encoding)
    assert (story.title, story.section, story.tags) == ("Мост — Мир", "Новости & мир", ("мост",))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(
        ["\ud800", "http://[", "javascript:x", "2024-07-18", "0001-01-01T00:00:00+23:59", "en_US"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "url", "@id", "@value", "@type", "contentUrl"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
KEYS = (
    "@type headline articleSection keywords inLanguage author datePublished dateModified description image "
    "publisher isBasedOn mainEntityOfPage url @id @graph"
).split()


@given(st.dictionaries(st.sampled_from(KEYS), VALUES), st.booleans(), st.sampled_from(["", URL]))
def test_no_json_makes_it_raise_or_give_another_type(article: dict[str, Any], typed: bool, url: str) -> None:
    story = read(
        stated(**({"@type": "NewsArticle"} if typed else {}), **article) if not typed else _typed(article),
        url=url,
    )
    check_types(story)


def _typed(article: dict[str, Any]) -> str:
    return stated(**{key: value for key, value in article.items() if key != "@type"})


@given(
    st.lists(st.tuples(st.sampled_from(["og:title", "og:image", "date", "author", "og:locale"]), st.text()))
)
def test_no_meta_makes_it_raise_or_give_another_type(said: list[tuple[str, str]]) -> None:
    head = "".join(f'<meta property="{name}" content="{text}">' for name, text in said)
    page = f"<head>{head}".encode("utf-8", "replace")
    check_types(read_story(Document(page), URL))


def check_types(story: Story) -> None:
    for text in (
        story.title,
        story.section,
        story.language,
        story.description,
        story.image,
        story.site,
        story.origin,
    ):
        assert isinstance(text, str)
        text.encode()
    for texts in (story.tags, story.types, story.authors):
        assert isinstance(texts, tuple)
        assert all(isinstance(each, str) and each for each in texts)
    for moment in (story.published, story.modified):
        assert moment is None or moment.tzinfo is not None
    for address in (story.image, story.origin):
        assert not address.startswith("javascript:")
    assert isinstance(story.is_article, bool)


def asked_story(page: str, metas: tuple[str, ...] = (), jsonld: tuple[str, ...] = ()) -> Story:
    return read_story(Document(page.encode()), URL, frozenset(metas), frozenset(jsonld))


def test_only_meta_elements_that_are_asked_for_are_kept() -> None:
    page = (
        '<meta property="Ad-Type" content=" long "><meta name="ad-type" content="native">'
        '<meta name="sponsor" content=""><meta name="author" content="Ann"><meta name="x" content="y">'
    )
    assert asked_story(page).metas == ()
    kept = asked_story(page, ("ad-type", "sponsor", "author", "z"))
    assert kept.metas == (("ad-type", ("long", "native")), ("author", ("Ann",)))


LD = """<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false, "n": 3.0,
"publisher": {"@type": "Organization", "name": "Example"}, "about": [{"name": "a"}, {"name": "b"}, "c"],
"thing": {"@type": "Thing"}, "none": null, "bad": "\\ud800", "big": 1e400}</script>"""


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("isAccessibleForFree", ("false",)),
        ("n", ("3",)),
        ("publisher.name", ("Example",)),
        ("publisher", ("Example",)),
        ("about.name", ("a", "b")),
        ("about", ("a", "b", "c")),
        ("thing", ("Thing",)),
        ("none", ()),
        ("bad", ("?",)),
        ("big", ("inf",)),
        ("publisher.name.x", ()),
        ("", ()),
    ],
)
def test_what_json_ld_says_of_the_article_is_found_by_its_path(path: str, values: tuple[str, ...]) -> None:
    assert asked_story(LD, (), (path,)).jsonld == (((path, values),) if values else ())


def test_values_that_are_asked_for_are_few_and_cut_where_no_rule_can_ask_for_them() -> None:
    long = "x" * 5_000
    page = f'<meta name="a" content="{long}">' * 20
    [(_, values)] = asked_story(page, ("a",)).metas
    assert values == ("x" * (LONGEST_VALUE + 1),) * MOST_VALUES


@pytest.mark.parametrize(
    ("page", "paywalled"),
    [
        ("", False),
        (LD, True),
        (LD.replace("false", '"False"'), True),
        (LD.replace("false", '"http://schema.org/False"'), True),
        (LD.replace("false", "true"), False),
        ('<meta property="article:content_tier" content="locked">', True),
        ('<meta property="article:content_tier" content="Metered">', True),
        ('<meta property="article:content_tier" content="free">', False),
        (LD.replace("false", "true") + '<meta property="article:content_tier" content="locked">', False),
    ],
)
def test_a_page_says_whether_it_is_free_to_read(page: str, *, paywalled: bool) -> None:
    assert asked_story(page).paywalled is paywalled


@pytest.mark.parametrize("written", ["2024-01-01T00:00:00+05:30:15", "1890-01-01T00:00:00+05:53:28"])
def test_a_moment_on_a_clock_of_odd_seconds_is_the_same_moment_on_another(written: str) -> None:
    page = f'<meta property="article:published_time" content="{written}">'.encode()
    published = read_story(Document(page), "").published
    assert published == datetime.fromisoformat(written)
    assert published is not None
    assert published.tzinfo is UTC
