"""Rules to try things with: any number of valid documents."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

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
