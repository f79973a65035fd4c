"""Rules to try things with: one document with every key there is, and any number of valid ones."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

WHEN_WHOLE: dict[str, Any] = {
    "section": {"not": ["A"]},
    "language": "en",
    "host": ["www.news.example", "*.news.example"],
    "author": {"not": "Agency"},
    "page": ["article", "live"],
    "words": {"min": 300, "max": 900},
    "published": {"within": "1 year", "before": "2 days"},
    "sensitivity": {"not": "solemn"},
    "meta": {"sponsor": "present"},
    "jsonld": {"isAccessibleForFree": {"not": False}},
    "paywalled": False,
    "country": {"not": ["PL", "de"]},
    "referrer": {"not": "*.google.*"},
    "query": {"utm_source": "newsletter"},
    "cookie": {"subscriber": {"not": ["1"]}},
    "header": {"x-tier": "gold"},
    "logged_in": True,
    "consent": "present",
    "bot": False,
    "visits": {"not": "2 to 5"},
    "from": "2026-03-12",
    "until": "2026-03-15T12:00:00+01:00",
    "schedule": [
        {"from": "2026-03-12", "until": "2026-03-15", "weekdays": ["mon", "sun"], "hours": "07:00-10:00"},
        {"hours": ["22:00-02:00", "12:00-24:00"], "weekdays": "fri"},
    ],
    "any": [{"words": "300 to 900"}, {"visits": ["present", 3]}, {"published": {"not": "present"}}],
    "all": [{"published": "present"}, {"any": [{"tag": "x"}, {"page": {"not": "gallery"}}]}],
    "none": [{"section": "C", "tag": ["y"]}],
}
"""A `when` with every key there is."""

WHOLE: dict[str, Any] = {
    "site": "News",
    "hosts": ["news.example", "*.news.example"],
    "extends": "house.yaml",
    "timezone": "Europe/Warsaw",
    "language": "pt-BR",
    "vary": {
        "device": "X-Device",
        "country": "X-Country",
        "logged_in": "X-Logged-In",
        "bot": "X-Bot",
        "visits": "X-Visits",
        "id": {"cookie": "uid"},
        "arms": "X-Arms",
        "cookie": {"subscriber": "X-Subscriber"},
    },
    "consent": {
        "mode": "server",
        "vendors": [755, 76],
        "without": "personal",
        "grace": "1.5 seconds",
        "cookie": "euconsent-v2",
        "header": "X-Consent",
        "regions": ["standard", "BR"],
    },
    "articles": [
        {
            "path": ["/a/**", "**/b"],
            "section": "A",
            "tag": ["x"],
            "type": {"not": "Recipe"},
            "language": {"not": ["de", "fr"]},
            "device": "present",
            "body": ".text",
        },
        {"path": {"not": "/live/*"}, "device": {"not": "mobile"}},
    ],
    "pages": [
        {"name": "front", "path": "/", "blocks": ["picked", "strip"]},
        {"name": "parts", "path": "/parts/**", "blocks": ["picked"], "fragments": True},
    ],
    "overrides": [
        {
            "name": "takeover",
            "when": {"section": "Business"},
            "set": {
                "timezone": "UTC",
                "layout.ads": 8,
                "layout.clear.heading": "never",
                "blocks.slot.serve": {"slot": "acme"},
                "blocks.ad.priority": 5,
            },
            "drop": ["follow", "mail"],
        },
        {"name": "paid", "only": "source"},
    ],
    "experiments": {
        "wider-gaps": {
            "hypothesis": "Fewer ads are read further.",
            "unit": "visitor",
            "salt": "wider-gaps-1",
            "hash": "growthbook-v2",
            "traffic": "40%",
            "layer": {"name": "inline", "part": ["0%", "50%"]},
            "when": {"device": "mobile"},
            "arms": {
                "control": {"weight": 50},
                "wide": {"weight": 50, "set": {"layout.ads_apart": "350 words", "blocks.slot.priority": 2}},
            },
            "metrics": {"primary": "ad_viewable_per_view", "guardrails": ["scroll_depth", "ad_density"]},
            "plan": {"min_effect": "3%", "power": "80%", "looks": ["50%", "100%"]},
            "from": "2026-12-01",
            "until": "2026-12-15T12:00:00+01:00",
        },
        "no-mail": {"unit": "page", "layer": "below", "arms": {"control": {}, "none": {"drop": ["mail"]}}},
    },
    "holdout": {"share": "2%", "salt": "holdout-2026"},
    "layout": {
        "gap": ["3 units", "120 words"],
        "start": "40 words",
        "end": "1 unit",
        "story": {"min": ["5 paragraphs"]},
        "blocks": 10,
        "ads": 0,
        "ads_apart": [{"mobile": "1.2 screens", "desktop": "900 px"}, '5 of ".post"'],
        "density": {"mobile": "28%", "desktop": "25%"},
        "clear": {
            "heading": {"before": "2 units", "after": "never"},
            "image": "200 px",
            "video": "never",
            "embed": "1 unit",
            "list": {"before": "1 unit"},
            "quote": "1 unit",
            "table": "1 unit",
            "other": "never",
        },
    },
    "paragraph": {"min_words": 8},
    "hydrated": "compose",
    "amp": "compose",
    "measure": "always",
    "existing": {"ads": ".sponsor", "promos": [".next", "aside.quiz"]},
    "elsewhere": [
        {"name": "player", "place": {"after": "paragraph"}, "height": {"mobile": 200, "desktop": 300}},
        {"name": "anchor", "place": "page-bottom", "height": 50, "ad": False},
    ],
    "sensitivity": {
        "override": [{"meta": "ad_sensitivity", "values": {"noads": "solemn", "ok": "none"}}],
        "signals": [
            {"section": ["standard", "Courts"], "level": "solemn"},
            {"tag": "war", "topic": ["20000062", "standard"], "level": "solemn"},
            {"title": "standard", "meta": {"desk": ["crime"], "live": "present"}, "level": "review"},
        ],
        "solemn": {"remove": ["follow", "video"], "ads": "house"},
        "review": {"ads": "none"},
    },
    "screen": {
        "mobile": {"viewport": "360x800", "column": "328 px", "font": "18 px"},
        "desktop": {"line": "29.5 px", "letter": "0.49 em", "margin": "0 px"},
    },
    "library": {
        "stories": [
            {
                "title": "A",
                "url": "/a",
                "image": "https://x.example/a.png",
                "section": "A",
                "tags": ["x"],
                "language": "en",
                "published": "2024-07-19T21:40:00+02:00",
            }
        ],
        "pinned": ["/a"],
        "feeds": [
            "https://news.example/feed.xml",
            {"url": "https://news.example/wp-json/wp/v2/posts?_embed", "every": "1 hour"},
        ],
        "learn": True,
        "most": 500,
        "oldest": "1 year",
        "images": ["img.example"],
    },
    "defaults": {"ad": {"label": "Ad", "when": {"tag": "x"}}, "stories": {"count": 3}},
    "blocks": {
        "ad": {
            "kind": "ad",
            "sizes": {"mobile": [[300, 250]], "desktop": [[728, 90], [970, 250]]},
            "label": "Ad",
            "reserve": 250,
            "lazy": {"margin": {"mobile": 600, "desktop": 300}},
            "unfilled": "house",
            "house": [{"image": "/a.png", "link": "/b", "alt": "B", "width": 300, "height": 250}],
            "serve": {"gpt": {"unit": "/1/{site}", "targeting": {"pos": "{n}", "k": ["a", "b"]}}},
            "prefer": [{"after": "paragraph", "nth": [2, "last"]}, {"at": "50%"}, "body-end"],
            "repeat": {"every": "350 words", "from": "2 units", "max": 3},
            "priority": -3,
            "exact": True,
            "required": True,
            "gap": "2 units",
            "start": "30 words",
            "end": ["30 words"],
            "story": {"min": "4 units"},
            "clear": {"image": "never"},
            "avoid": [
                {"near": ["image", "video"], "within": {"mobile": "1 unit"}},
                {"text": "(?i)recipe"},
                {"no_text": "[a-z]", "within": "3 units"},
            ],
            "inside": ".text",
            "not_inside": "aside",
            "max": 3,
            "group": "one",
            "when": WHEN_WHOLE,
        },
        "picked": {
            "kind": "html",
            "html": "<p>x</p><script>x()</script>",
            "scripts": True,
            "prefer": [
                {"selector": ".promo > p", "where": "before", "nth": "all"},
                {"selector": "main", "where": "append"},
            ],
        },
        "house": {
            "kind": "ad",
            "sizes": {"mobile": [[300, 250]]},
            "reserve": "likely",
            "serve": {
                "house": [
                    {
                        "image": "/a.png",
                        "link": "/b",
                        "alt": "B",
                        "width": 300,
                        "height": 250,
                        "weight": 2,
                        "from": "2026-03-12",
                        "until": "2026-03-15T12:00:00+01:00",
                    }
                ]
            },
            "place": {"before": "heading"},
        },
        "slot": {"kind": "ad", "sizes": {"desktop": [[1, 1]]}, "serve": {"slot": "x"}, "place": "body-start"},
        "own": {
            "kind": "ad",
            "sizes": {"desktop": [[1, 1]]},
            "serve": {"html": "<b onclick='x()'>x</b>", "scripts": True},
            "place": "body-end",
        },
        "bid": {
            "kind": "ad",
            "sizes": {"mobile": [[300, 250]]},
            "lazy": {"margin": 400},
            "serve": {
                "prebid": {
                    "unit": "/1/{block}",
                    "targeting": {"pos": "bid"},
                    "library": "https://news.example/prebid.js",
                    "bids": [{"bidder": "rubicon", "params": {"accountId": 7, "sizes": [15]}}],
                    "timeout": 800,
                    "granularity": "dense",
                }
            },
            "place": "body-end",
        },
        "sense": {
            "kind": "ad",
            "sizes": {"mobile": [[300, 250]]},
            "unfilled": "collapse-below",
            "serve": {"adsense": {"client": "ca-pub-1234567890123456", "slot": "1234567890"}},
            "place": "body-end",
        },
        "revived": {
            "kind": "ad",
            "sizes": {"mobile": [[300, 250]]},
            "serve": {"revive": {"url": "https://ads.example/asyncjs.php", "zone": 12, "id": "0" * 32}},
            "place": "body-end",
        },
        "amped": {
            "kind": "ad",
            "sizes": {"mobile": [[300, 250]]},
            "serve": {
                "amp": {
                    "type": "doubleclick",
                    "attributes": {"data-slot": "/1/{section}"},
                    "targeting": {"pos": ["a"]},
                }
            },
            "place": "body-end",
        },
        "stories": {
            "kind": "stories",
            "source": "pinned",
            "title": "T",
            "count": 3,
            "layout": "cards",
            "thumbnails": False,
            "place": "body-after",
        },
        "follow": {
            "kind": "follow",
            "network": "mastodon",
            "page": "P",
            "url": "https://x.example/p",
            "followers": {"count": 5, "as_of": "2024-06-01", "always": True},
            "text": "{followers} on {network}",
            "place": "body-end",
        },
        "video": {
            "kind": "video",
            "title": "V",
            "url": "/v",
            "file": "/v.mp4",
            "credit": "C",
            "embed": "https://p.example/1",
            "poster": {"image": "/v.jpg", "width": 16, "height": 9, "alt": ""},
            "place": "body-end",
        },
        "films": {
            "kind": "video",
            "items": [
                {"title": "A", "url": "/a", "tags": ["x"]},
                {"title": "B", "embed": "https://p.example/1", "file": "/b.mp4", "credit": "C"},
            ],
            "otherwise": "first",
            "place": "body-end",
        },
        "paid": {"kind": "paid", "by": "Acme", "meta": "sponsor", "text": "By {by}", "place": "body-end"},
        "networks": {
            "kind": "follow",
            "page": "P",
            "networks": [{"network": "rss", "url": "https://x.example/feed"}],
            "text": {"en": "{page}", "pt-BR": "{page}!"},
            "place": "body-end",
        },
        "source": {
            "kind": "source",
            "url": "https://a.example",
            "name": "A",
            "text": "T",
            "place": "body-end",
        },
        "strip": {
            "kind": "strip",
            "items": ["weather", "date", "breaking"],
            "weather": {"place": "P", "temperature": 28.6, "unit": "F"},
            "date": "2024-07-19",
            "breaking": {"text": "B", "link": "/b", "until": "2024-07-20 06:00"},
            "place": "page-top",
        },
        "feed": {
            "kind": "strip",
            "items": ["weather"],
            "weather": {
                "feed": {"url": "https://w.example", "temperature": "a.b", "minutes": 5, "oldest": 60}
            },
            "place": "page-top",
        },
        "mail": {
            "kind": "newsletter",
            "title": "T",
            "text": "X",
            "action": "/in",
            "field": "mail",
            "button": "Go",
            "place": {"at": {"mobile": "250 words", "desktop": "300 px"}},
        },
        "linked": {
            "kind": "source",
            "place": {"between": ["40%", "70%"]},
            "needs": ["house"],
            "excludes": "video",
            "fallback": "slot",
        },
        "link": {
            "kind": "newsletter",
            "url": "/in",
            "frequency": {"max": 3, "per": "day"},
            "dismissed": "30 days",
            "place": "body-end",
        },
        "html": {"kind": "html", "html": "<p>x</p>", "reserve": 80, "place": "body-end"},
    },
}
"""Rules with every key there is."""

WORDS = st.text(min_size=1, max_size=12).filter(lambda text: text.strip() and "{" not in text)
AMOUNTS = st.builds(
    "{} {}".format,
    st.integers(1, 999),
    st.sampled_from(["unit", "units", "paragraphs", "word", "words", "px", "screens", 'of ".a > b"']),
)
DISTANCES = AMOUNTS | st.lists(AMOUNTS, min_size=1, max_size=3)
URLS = st.sampled_from(["/a", "/", "https://x.example/?a=b#c", "http://x.example", "/ż/%20"])
NTH = st.sampled_from([1, -1, 1_000, -1_000, "first", "last"])
PLACES = st.one_of(
    st.sampled_from(["page-top", "body-start", "body-after"]),
    st.fixed_dictionaries(
        {"after": st.sampled_from(["paragraph", "unit"])},
        optional={"nth": NTH | st.lists(NTH, min_size=1, max_size=3)},
    ),
    st.fixed_dictionaries({"before": st.just("image")}, optional={"nth": NTH}),
    st.fixed_dictionaries(
        {
            "selector": st.sampled_from([".promo", "main > p", "żółw"]),
            "where": st.sampled_from(["before", "after", "prepend", "append"]),
        },
        optional={"nth": NTH | st.just("all")},
    ),
    st.fixed_dictionaries({"at": AMOUNTS | st.floats(0, 100).map("{:.2f}%".format)}),
)


def facts(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(values, min_size=1, max_size=3)
    return values | several | st.fixed_dictionaries({"not": values | several})


PATHS = st.lists(st.sampled_from(["a", "*", "**", "*.html", "a-*-b"]), min_size=1).map(
    lambda parts: "/" + "/".join(parts)
)
WHEN = st.fixed_dictionaries(
    {},
    optional={
        "path": facts(PATHS | st.just("present")),
        "section": facts(WORDS),
        "device": facts(st.sampled_from(["mobile", "desktop", "present"])),
        "cookie": st.dictionaries(WORDS, facts(WORDS), min_size=1, max_size=2),
        "logged_in": st.booleans(),
        "from": st.sampled_from(["2026-03-12", "2026-03-12 07:00"]),
        "none": st.lists(st.fixed_dictionaries({"tag": facts(WORDS)}), min_size=1, max_size=1),
    },
)
OWN = {
    "source": st.fixed_dictionaries({}, optional={"name": WORDS, "text": WORDS}),
    "stories": st.fixed_dictionaries(
        {"source": st.sampled_from(["pinned", "related", "latest", "popular", "feed"])},
        optional={"title": WORDS, "count": st.integers(1, 20), "thumbnails": st.booleans()},
    ),
    "ad": st.fixed_dictionaries(
        {
            "serve": st.one_of(
                st.fixed_dictionaries({"slot": WORDS}), st.fixed_dictionaries({"html": st.just("x")})
            ),
            "sizes": st.fixed_dictionaries(
                {"mobile": st.lists(st.tuples(*[st.integers(1, 10_000)] * 2), min_size=1, max_size=2)}
            ),
        },
        optional={"reserve": st.sampled_from(["largest", "likely", 1, 10_000]), "label": WORDS},
    ),
    "video": st.fixed_dictionaries({"title": WORDS}, optional={"url": URLS, "file": URLS}),
}
SHARED = st.fixed_dictionaries(
    {"place": PLACES},
    optional={"priority": st.integers(-1_000, 1_000), "exact": st.booleans(), "when": WHEN},
)
ANY_BLOCK = st.one_of(
    *(
        st.tuples(SHARED, own).map(lambda both, kind=kind: {"kind": kind, **both[0], **both[1]})  # type: ignore[misc]
        for kind, own in OWN.items()
    )
)
RULES = st.fixed_dictionaries(
    {},
    optional={
        "site": WORDS,
        "timezone": st.sampled_from(["UTC", "Asia/Tokyo"]),
        "layout": st.fixed_dictionaries(
            {},
            optional={
                "gap": DISTANCES,
                "start": DISTANCES,
                "story": st.fixed_dictionaries({"min": DISTANCES}),
                "ads": st.integers(0, 1_000),
                "clear": st.fixed_dictionaries({"heading": AMOUNTS | st.just("never")}),
            },
        ),
        "articles": st.lists(WHEN.filter(bool), min_size=1, max_size=1),
        "blocks": st.dictionaries(st.from_regex(r"\A[a-z0-9][a-z0-9-]{0,8}\Z"), ANY_BLOCK, max_size=4),
    },
)
