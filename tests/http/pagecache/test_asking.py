"""What a request asks a page cache for: a first look refuses what the table of reasons does, and no more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newshole.http.pagecache import Settings
from newshole.http.pagecache.asking import QUESTIONS, read_question, refuse_question
from tests.http.asgi import asked

METHODS = st.sampled_from(["GET", "GET", "GET", "HEAD", "POST"])
HEADERS = st.sampled_from(
    [
        (b"accept", b"text/html"),
        (b"authorization", b"Basic YTpi"),
        (b"cache-control", b"no-store"),
        (b"cache-control", b"max-age=0"),
        (b"content-length", b"0"),
        (b"content-length", b"2"),
        (b"cookie", b"_ga=1"),
        (b"cookie", b"sessionid=1"),
        (b"host", b"news example"),
        (b"if-range", b'"one"'),
        (b"pragma", b"no-cache"),
        (b"proxy-authorization", b"Basic YTpi"),
        (b"range", b"bytes=0-1"),
        (b"transfer-encoding", b"chunked"),
        (b"upgrade", b"h2c"),
        (b"x-http-method-override", b"DELETE"),
        (b"x-original-url", b"/admin"),
    ]
)


@given(method=METHODS, headers=st.lists(HEADERS, max_size=3, unique_by=lambda pair: pair[0]))
def test_a_request_is_refused_for_the_first_reason_of_all(
    method: str, headers: list[tuple[bytes, bytes]]
) -> None:
    question = read_question(asked(method=method, headers=headers), Settings())
    reasons = [reason for reason, applies in QUESTIONS if applies(question)]
    assert refuse_question(question) == next(iter(reasons), None)
