"""Conditions of a block or an override: every key both ways, over minutes, and combined."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.rules.conditions import When
from newshole.rules.facts import page_kind
from newshole.rules.targeting import all_hold, any_of, condition, facts_used, none_of
from newshole.rules.whens import conditions
from newshole.types import Reader, Story
from tests.rules.files import block

AT = datetime(2026, 3, 12, 7, 30, tzinfo=UTC)  # a Thursday, 08:30 in Warsaw
BRIDGE = Story(
    section="City",
    tags=("bridge", "budget"),
    authors=("Ann Lee", "Bo Ek"),
    types=("NewsArticle",),
    language="en",
    published=AT - timedelta(days=3),
    words=640,
    sensitivity="review",
    paywalled=True,
    metas=(("ad-type", ("long", "native")), ("sponsor", ("Acme",))),
    jsonld=(("isAccessibleForFree", ("false",)), ("publisher.name", ("Example",))),
)
GUEST = Reader(
    device="mobile",
    country="PL",
    consent="ads, analytics",
    logged_in=True,
    visits=3,
    bot=True,
    cookies={"subscriber": "1"},
    headers={"x-tier": "Gold", "referer": "https://news.google.com/a?b=c"},
    query={"utm_source": "newsletter"},
    now=AT,
)
URL = "https://www.news.example/city/bridge?utm_medium=mail&empty="


def meets(
    when: dict[str, Any], story: Story = BRIDGE, reader: Reader = GUEST, url: str = URL, zone: str = "UTC"
) -> bool:
    """Whether a `when` holds, as it is written."""
    return all_hold(conditions("when", When.model_validate(when), zone), story, reader, url)


HOLDING: list[dict[str, Any]] = [
    {"path": "/city/**"},
    {"host": "www.news.example"},
    {"host": "*.news.example"},
    {"host": ["shop.example", "www.*"]},
    {"host": {"not": "news.example"}},
    {"author": "ann lee"},
    {"author": {"not": ["Cy", "Di"]}},
    {"page": "article"},
    {"page": {"not": ["live", "gallery", "front"]}},
    {"words": 640},
    {"words": "300 to 900"},
    {"words": {"min": 640}},
    {"words": {"max": 640}},
    {"words": {"min": 300, "max": 900}},
    {"words": ["1 to 5", 640]},
    {"words": {"not": ["1 to 5", "641 to 900"]}},
    {"words": "present"},
    {"published": {"within": "4 days"}},
    {"published": {"before": "3 days"}},
    {"published": {"within": "1 month", "before": "2 days"}},
    {"published": "present"},
    {"published": {"not": {"within": "3 days"}}},
    {"sensitivity": "review"},
    {"sensitivity": ["review", "solemn"]},
    {"sensitivity": "present"},
    {"sensitivity": {"not": ["none", "solemn"]}},
    {"meta": {"sponsor": "present"}},
    {"meta": {"Ad-Type": ["native", "video"]}},
    {"meta": {"ad-type": {"not": "video"}, "sponsor": "acme", "other": {"not": "present"}}},
    {"jsonld": {"isAccessibleForFree": False, "publisher.name": "example"}},
    {"jsonld": {"isAccessibleForFree": {"not": True}, "wordCount": {"not": "present"}}},
    {"paywalled": True},
    {"device": "mobile"},
    {"country": ["de", "pl"]},
    {"country": {"not": "CZ"}},
    {"referrer": "*.google.*"},
    {"referrer": "news.google.com"},
    {"referrer": {"not": "google.com"}},
    {"query": {"utm_source": "Newsletter", "utm_medium": "present", "empty": {"not": "present"}}},
    {"cookie": {"subscriber": "1", "seen": {"not": "present"}}},
    {"header": {"X-Tier": "gold"}},
    {"logged_in": True},
    {"consent": "analytics"},
    {"consent": {"not": "personalisation"}},
    {"consent": "present"},
    {"bot": True},
    {"visits": {"min": 2}},
    {"visits": [1, 3]},
    {"from": "2026-03-12"},
    {"from": "2026-03-12T07:30:00Z", "until": "2026-03-12 07:31"},
    {"until": "2026-03-13"},
    {"schedule": {"weekdays": "thu"}},
    {"schedule": {"hours": "07:00-10:00", "weekdays": ["mon", "thu"]}},
    {"schedule": [{"hours": "10:00-11:00"}, {"from": "2026-03-12", "until": "2026-03-15"}]},
    {"any": [{"section": "Sport"}, {"tag": "bridge", "section": "City"}]},
    {"all": [{"section": "City"}, {"tag": "bridge"}, {"tag": "budget"}]},
    {"none": [{"section": "Sport"}, {"section": "City", "tag": "war"}]},
    {"any": [{"none": [{"section": "City"}]}, {"all": [{"any": [{"tag": "war"}, {"device": "mobile"}]}]}]},
]
FAILING: list[dict[str, Any]] = [
    {"path": "/world/**"},
    {"host": "news.example"},
    {"host": "www"},
    {"host": {"not": "*.example"}},
    {"author": "Ann"},
    {"page": "live"},
    {"words": "641 to 900"},
    {"words": {"min": 641}},
    {"words": {"max": 639}},
    {"words": {"not": "present"}},
    {"published": {"within": "3 days"}},
    {"published": {"before": "4 days"}},
    {"published": {"not": "present"}},
    {"sensitivity": "none"},
    {"sensitivity": {"not": "present"}},
    {"meta": {"sponsor": {"not": "present"}}},
    {"meta": {"sponsor": "present", "other": "present"}},
    {"jsonld": {"isAccessibleForFree": True}},
    {"paywalled": False},
    {"device": "desktop"},
    {"country": "DE"},
    {"referrer": "google.com"},
    {"referrer": {"not": "present"}},
    {"query": {"utm_source": "social"}},
    {"cookie": {"subscriber": "0"}},
    {"cookie": {"Subscriber": "1"}},
    {"header": {"x-tier": "silver"}},
    {"logged_in": False},
    {"consent": "none"},
    {"consent": {"not": "present"}},
    {"bot": False},
    {"visits": {"min": 4}},
    {"from": "2026-03-13"},
    {"until": "2026-03-12"},
    {"until": "2026-03-12 07:30"},
    {"schedule": {"weekdays": ["mon", "fri"]}},
    {"schedule": {"hours": "07:31-10:00"}},
    {"schedule": {"hours": "06:00-07:30"}},
    {"any": [{"section": "Sport"}, {"tag": "bridge", "section": "Business"}]},
    {"all": [{"section": "City"}, {"tag": "war"}]},
    {"none": [{"section": "Sport"}, {"section": "City", "tag": "budget"}]},
]


@pytest.mark.parametrize("when", HOLDING, ids=str)
def test_a_condition_holds(when: dict[str, Any]) -> None:
    assert meets(when)


@pytest.mark.parametrize("when", FAILING, ids=str)
def test_a_condition_does_not_hold(when: dict[str, Any]) -> None:
    assert not meets(when)


def test_every_key_is_tried_both_ways() -> None:
    for cases in (HOLDING, FAILING):
        tried = {key for case in cases for key in case}
        assert set(When.key_names()) - tried <= {"section", "tag", "type", "language"}


@pytest.mark.parametrize(
    "when",
    [
        {"author": "present"},
        {"host": "*"},
        {"published": "present"},
        {"published": {"within": "99999 years"}},
        {"published": {"before": "1 minute"}},
        {"visits": {"min": 0}},
        {"visits": "present"},
        {"country": "present"},
        {"referrer": "present"},
        {"referrer": "*"},
        {"consent": "present"},
        {"cookie": {"a": "present"}},
        {"header": {"a": "present"}},
        {"query": {"a": "present"}},
        {"meta": {"a": "present"}},
        {"jsonld": {"a": "present"}},
        {"sensitivity": "present"},
        {"paywalled": True},
        {"logged_in": True},
        {"bot": True},
    ],
    ids=str,
)
def test_what_is_not_known_is_not_there(when: dict[str, Any]) -> None:
    now = Reader(now=AT)
    assert not meets(when, Story(), now, "/")
    assert meets({"none": [when]}, Story(), now, "/")


@pytest.mark.parametrize(
    ("types", "path", "kind"),
    [
        (("NewsArticle",), "/a", "article"),
        (("NewsArticle", "LiveBlogPosting"), "/a", "live"),
        (("ImageGallery",), "/a", "gallery"),
        (("MediaGallery", "article"), "/a", "gallery"),
        ((), "/a", "article"),
        ((), "/", "front"),
        ((), "", "front"),
        (("article",), "/", "article"),
        (("website",), "/a", "front"),
        (("website", "NewsArticle"), "/a", "article"),
        (("CollectionPage",), "/world", "front"),
    ],
)
def test_what_kind_of_page_it_is(types: tuple[str, ...], path: str, kind: str) -> None:
    assert page_kind(Story(types=types), path) == kind


TAKEOVER = {"from": "2026-03-12", "until": "2026-03-15"}


@pytest.mark.parametrize("when", [TAKEOVER, {"schedule": TAKEOVER}])
def test_a_takeover_from_a_day_until_a_day_is_of_whole_days_in_the_site_s_time(when: dict[str, Any]) -> None:
    start, end = datetime(2026, 3, 11, 23, 0, tzinfo=UTC), datetime(2026, 3, 14, 23, 0, tzinfo=UTC)
    second = timedelta(seconds=1)
    moments = (start - second, start, end - second, end)
    told = {at: meets(when, reader=Reader(now=at), zone="Europe/Warsaw") for at in moments}
    assert told == {start - second: False, start: True, end - second: True, end: False}


@pytest.mark.parametrize(
    ("day", "time", "expected"),
    [
        ("thu", "23:59", False),
        ("fri", "21:59", False),
        ("fri", "22:00", True),
        ("fri", "23:59", True),
        ("sat", "00:00", True),
        ("sat", "01:59", True),
        ("sat", "02:00", False),
        ("sat", "22:00", False),
        ("fri", "01:00", False),
    ],
)
def test_hours_past_midnight_are_those_of_the_day_they_begin_on(
    day: str, time: str, *, expected: bool
) -> None:
    date = 12 + ["thu", "fri", "sat"].index(day)
    now = datetime.fromisoformat(f"2026-03-{date}T{time}:59Z")
    assert (
        meets({"schedule": {"weekdays": ["fri"], "hours": "22:00-02:00"}}, reader=Reader(now=now)) is expected
    )


def test_a_day_ends_at_midnight_either_way_it_is_written() -> None:
    late = Reader(now=datetime(2026, 3, 12, 23, 59, tzinfo=UTC))
    for hours in ("20:00-24:00", "20:00-00:00"):
        assert meets({"schedule": {"hours": hours, "weekdays": "thu"}}, reader=late)
        next_day = replace(late, now=datetime(2026, 3, 13, tzinfo=UTC))
        assert not meets({"schedule": {"hours": hours}}, reader=next_day)


def test_clocks_that_change_are_the_site_s() -> None:
    """In Warsaw they go forward on 29 March 2026 at 01:00 UTC."""
    when = {"schedule": {"hours": "07:00-08:00"}}
    for day, hour in ((28, 6), (29, 5)):
        now = Reader(now=datetime(2026, 3, day, hour, 30, tzinfo=UTC))
        assert meets(when, reader=now, zone="Europe/Warsaw")


@pytest.mark.parametrize("when", [*HOLDING, *FAILING], ids=str)
def test_what_holds_holds_throughout_a_minute(when: dict[str, Any]) -> None:
    later = replace(GUEST, now=AT + timedelta(seconds=59, microseconds=999_999))
    assert meets(when) == meets(when, reader=later)


ATOMS: list[tuple[dict[str, Any], bool]] = [
    ({"section": "City"}, True), ({"section": "Sport"}, False), ({"tag": {"not": "war"}}, True),
    ({"words": {"min": 700}}, False), ({"cookie": {"subscriber": "1"}}, True), ({"bot": False}, False),
    ({"published": {"within": "4 days"}}, True), ({"from": "2026-04-01"}, False),
]  # fmt: skip
ATOM = st.sampled_from(ATOMS)


def naive(when: dict[str, Any]) -> bool:
    """What a combination comes to, by the word."""
    for key, value in when.items():
        if key in ("any", "all", "none"):
            parts = [naive(part) for part in value]
            holds = {"any": any(parts), "all": all(parts), "none": not any(parts)}[key]
        else:
            holds = next(told for atom, told in ATOMS if atom == {key: value})
        if not holds:
            return False
    return True


def combined(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    parts = st.lists(inner, min_size=1, max_size=3)
    one = st.sampled_from(["any", "all", "none"]).flatmap(lambda key: parts.map(lambda made: {key: made}))
    return st.lists(st.one_of(one, inner), min_size=1, max_size=3).map(
        lambda made: {key: value for each in made for key, value in each.items()}
    )


@given(combined(combined(combined(ATOM.map(lambda atom: atom[0])))))
def test_combinations_come_to_what_they_say(when: dict[str, Any]) -> None:
    assert meets(when) is naive(when)


def refused(when: dict[str, Any]) -> list[tuple[str, str, str]]:
    made = conditions("w", When.model_validate(when), "Europe/Warsaw")
    reasons = [each.refusal(BRIDGE, GUEST, URL) for each in made]
    return [(each.bound, each.required, each.found) for each in reasons if each]


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ({"words": {"min": 700}}, ("w.words", "at least 700", "640")),
        ({"words": {"max": 9}}, ("w.words", "at most 9", "640")),
        ({"words": {"not": "600 to 700"}}, ("w.words", "not 600 to 700", "640")),
        ({"published": {"within": "1 day"}}, ("w.published", "within 1 day", "2026-03-09 07:30 UTC")),
        ({"published": {"before": "1 year"}}, ("w.published", "before 1 year", "2026-03-09 07:30 UTC")),
        ({"published": {"not": "present"}}, ("w.published", "none", "2026-03-09 07:30 UTC")),
        ({"paywalled": False}, ("w.paywalled", "false", "true")),
        ({"meta": {"sponsor": "Other"}}, ("w.meta.sponsor", "Other", "Acme")),
        ({"cookie": {"a": "1"}}, ("w.cookie.a", "1", "none")),
        ({"visits": {"min": 4}}, ("w.visits", "at least 4", "3")),
        ({"from": "2026-03-13"}, ("w.from", "from 2026-03-13 00:00", "thu 2026-03-12 08:30")),
        (
            {"schedule": {"weekdays": ["sat", "sun"], "hours": "07:00-10:00"}},
            ("w.schedule", "sat, sun 07:00-10:00", "thu 2026-03-12 08:30"),
        ),
        ({"all": [{"tag": "bridge"}, {"tag": "war"}]}, ("w.all[1].tag", "war", "bridge, budget")),
        (
            {"any": [{"section": "Sport"}, {"section": "City", "device": "desktop"}]},
            (
                "w.any",
                "any of: section Sport or (section City and device desktop)",
                "section City and device mobile",
            ),
        ),
        (
            {"none": [{"tag": "war"}, {"section": "City", "cookie": {"subscriber": "1"}}]},
            (
                "w.none[1]",
                "none of: (section City and cookie subscriber 1)",
                "section City and cookie subscriber 1",
            ),
        ),
    ],
    ids=str,
)
def test_a_refusal_is_explained(when: dict[str, Any], reason: tuple[str, str, str]) -> None:
    assert refused(when) == [reason]


def test_only_facts_of_readers_make_pages_differ_between_readers() -> None:
    story, reader = condition("w", "section", ("A",)), condition("w", "device", ("mobile",))
    assert facts_used([story]) == frozenset()
    assert facts_used([story, reader]) == {"device"}
    assert facts_used([any_of("w", ((story,), (none_of("w", (reader,)),)))]) == {"device"}


def test_conditions_are_written_as_a_value_a_list_present_or_not(tmp_path: Path) -> None:
    made = block(
        tmp_path,
        "place: body-end, when: {path: /a/**, section: [A, B], tag: present, type: {not: X}, "
        "language: {not: [de, fr]}, device: mobile}",
    )
    assert [(each.path, each.written) for each in made.when] == [
        ("blocks.x.when.path", "/a/**"),
        ("blocks.x.when.section", "A or B"),
        ("blocks.x.when.tag", "present"),
        ("blocks.x.when.type", "not X"),
        ("blocks.x.when.language", "not de or fr"),
        ("blocks.x.when.device", "mobile"),
    ]
