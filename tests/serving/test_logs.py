"""What a worker writes when the site fails it."""

from __future__ import annotations

import logging

import pytest

from newshole.http.proxy import TruncatedError
from newshole.serving.logs import in_a_line


def logged(fault: Exception, caplog: pytest.LogCaptureFixture) -> logging.LogRecord:
    """A fault in the app, as the server logs it."""
    log = logging.getLogger("newshole.test")
    log.addFilter(in_a_line)
    log.error("Exception in ASGI application\n", exc_info=fault)
    return caplog.records[-1]


def test_an_answer_that_broke_off_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    record = logged(TruncatedError("the upstream closed"), caplog)
    assert record.getMessage() == "an answer broke off: the upstream closed"
    assert record.exc_info is None


def test_a_fault_of_ours_keeps_its_stack(caplog: pytest.LogCaptureFixture) -> None:
    record = logged(RuntimeError("ours"), caplog)
    assert record.exc_info is not None
    assert record.getMessage() == "Exception in ASGI application\n"
