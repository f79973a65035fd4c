"""Both of the parsers that uvicorn can have in front of the proxy."""

from __future__ import annotations

import pytest

from tests.http.servers import Parser


@pytest.fixture(params=["h11", "httptools"])
def http(request: pytest.FixtureRequest) -> Parser:
    """The server's parser of HTTP."""
    parser: Parser = request.param
    if parser == "httptools":
        pytest.importorskip("httptools", reason="httptools is not installed")
    return parser
