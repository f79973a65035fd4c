"""What may change from one request to the next."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.cache.composed import TOKENS

CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "section": st.sampled_from(["City", "Business", "World"]),
    "nonce": TOKENS,
    "token": TOKENS,
    "promo": st.booleans(),
    "head": st.sampled_from(["", '<meta name="newshole" content="no-ads">', '<meta charset="utf-8">']),
    "between": st.sampled_from(["", " ", "<!-- x -->", "<p>short</p>"]),
    "paragraphs": st.integers(3, 9),
    "in_class": TOKENS,
    "ad_type": st.sampled_from(["plain", "native"]) | TOKENS,
    "free": st.sampled_from(["true", "false"]),
    "author": st.sampled_from(["Ann", "Bo"]),
}
ASKED = {
    "sec-ch-ua-mobile": ["?0", "?1"],
    "cookie": ["subscriber=1", "subscriber=0; other=1", "session=x"],
    "x-tier": ["gold", "silver", "lead"],
    "x-country": ["DE", "PL"],
    "referer": ["https://www.search.example/?q=a", "https://news.example/", "junk:["],
}
CHANGE = st.sampled_from(sorted(CHANGES)).flatmap(lambda name: st.tuples(st.just(name), CHANGES[name]))
STEP = st.one_of(
    CHANGE,
    CHANGE,
    CHANGE,
    st.tuples(
        st.just("url"),
        st.sampled_from(
            ["/city/bridge", "/world/bridge", "/opening/bridge", "/city/bridge?utm_source=newsletter"]
        ),
    ),
    *(st.tuples(st.just(name), st.sampled_from(["", *values])) for name, values in ASKED.items()),
    st.tuples(st.just("weather"), st.sampled_from([None, 3.0, 28.6])),
    st.tuples(st.just("seconds"), st.sampled_from([1, 59, 60, 120, 3600, 86_400])),
)
