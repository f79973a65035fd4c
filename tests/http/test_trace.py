"""Following a request for its tags and its line in the log fails no page."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from newshole import Newshole, Site
from newshole.http.trace import Trace
from tests.http.asgi import ask
from tests.http.injection import SHELL, Counting, ask_traced, broken, faults
from tests.http.test_faults import App, composed, in_one, in_parts

AROUND = SHELL | {
    "Tracer.follow", "Trace.send", "Trace.tag", "Trace.end", "Trace.log", "Responder.is_open",
    "TracedResponder.__init__", "TracedResponder.take", "TracedResponder.let_go",
    "TracedFastResponder.begin", "TracedFastResponder.recall",
}  # fmt: skip
"""What is around every `try` where a request is followed."""


@pytest.mark.slow
@pytest.mark.parametrize(("app", "seen"), [(in_one, 0), (in_one, 3), (in_parts, 1)])
def test_a_fault_in_any_function_fails_no_page_that_is_followed(
    app: App,
    seen: int,
    site: Site,
    rules: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A command that ran in this process leaves its handler there.
    monkeypatch.setattr(logging.getLogger("newshole"), "handlers", [])

    def ready() -> ASGIApp:
        newshole = Newshole(app(), site=Site.load(rules), log="logging", surrogate="Surrogate-Key")
        for _ in range(seen):
            ask(newshole)
        return newshole

    with caplog.at_level(logging.INFO, "newshole"):
        counting = Counting()
        ask_traced(ready(), counting)
        injected = list(faults(counting, AROUND))
        assert {Trace.fields.__code__, Trace.tagged.__code__} <= {each.code for each in injected}
        told = [broken(ready(), each, composed(site)) for each in injected]
    assert [each for each in told if each] == []
