"""The parsers that uvicorn can have in front of the proxy."""

from __future__ import annotations

import pytest

from tests.http.servers import Parser


@pytest.fixture(params=[pytest.param("h11", marks=pytest.mark.slow), "httptools"])
def http(request: pytest.FixtureRequest) -> Parser:
    """The server's parser of HTTP; the quick tests have the one that uvicorn has by itself."""
    parser: Parser = request.param
    return parser
