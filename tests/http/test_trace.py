"""Following a request for its tags and its line in the log fails no page."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from newshole import Newshole, Site
from newshole.http.responder import Responder
from newshole.http.trace import Trace, TracedFastResponder, TracedResponder, Tracer
from tests.http.asgi import ask
from tests.http.test_faults import SHELL, App, Counting, Injector, broken, composed, in_one, in_parts, traced

IS_OPEN = vars(Responder)["is_open"].fget
AROUND = SHELL | {
    each.__code__
    for each in (
        Tracer.follow, Trace.send, Trace.tag, Trace.log, IS_OPEN,
        TracedResponder.__init__, TracedResponder.take, TracedResponder.let_go,
        TracedFastResponder.begin, TracedFastResponder.recall,
    )
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
        traced(ready(), counting)
        targets = [code for code in counting.calls if code not in AROUND and code.co_name[0] != "<"]
        assert {Trace.fields.__code__, Trace.tagged.__code__} <= set(targets)
        faults = [(code, nth) for code in targets for nth in {0, counting.calls[code] - 1}]
        told = [broken(ready(), Injector(*fault), composed(site)) for fault in faults]
    assert [each for each in told if each] == []
