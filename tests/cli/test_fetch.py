"""Pages by their address, from a real server."""

from __future__ import annotations

import json
import socket

import pytest

from newshole import Site, UsageError
from newshole.cli.fetch import fetch
from tests.cli.conftest import MEGABYTE, RULES, STORY, Newshole, refused

OTHER = "; give another address, or a file"


def test_a_page_is_fetched_and_composed(newshole: Newshole, web: str) -> None:
    outcome = newshole("compose", f"{web}/story", "--rules", RULES)
    assert outcome.code == 0
    assert outcome.out == Site.load(RULES).compose(STORY.read_bytes(), url=f"{web}/story").html
    assert outcome.err == f"newshole: {web}/story: placed inline-ad\n"


def test_the_policy_of_an_answer_keeps_ads_off(newshole: Newshole, web: str) -> None:
    told = {
        path: newshole("explain", f"{web}/{path}", "--rules", RULES, "--json") for path in ("strict", "story")
    }
    lacking = {path: "a policy that lets in inline-style" in each.text for path, each in told.items()}
    assert lacking == {"strict": True, "story": False}


def test_the_scheme_may_be_in_capitals(newshole: Newshole, web: str) -> None:
    assert newshole("compose", web.replace("http", "HTTP") + "/story", "--rules", RULES).code == 0


def test_the_address_is_the_one_after_redirects(newshole: Newshole, web: str) -> None:
    page = json.loads(newshole("explain", f"{web}/moved", "--rules", RULES, "--json").out)["page"]
    assert (page["source"], page["url"]) == (f"{web}/moved", f"{web}/story")


def test_the_address_may_be_given(newshole: Newshole, web: str) -> None:
    asked = ("explain", f"{web}/story", "--rules", RULES, "--url", "https://news.example/a", "--json")
    assert json.loads(newshole(*asked).out)["page"]["url"] == "https://news.example/a"


def test_the_encoding_is_that_of_the_content_type(newshole: Newshole, web: str) -> None:
    told = json.loads(newshole("explain", f"{web}/cyrillic", "--rules", RULES, "--json").out)
    assert told["page"]["content_type"] == 'text/html; charset="windows-1251"'
    assert told["story"]["title"] == "Старый мост to be mended"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/nothing", "{url} answers with status 404: give the address of a page"),
        ("/json", "{url} is application/json, not text/html: give the address of a page"),
        ("/round", "cannot fetch {url}: more than 5 redirects" + OTHER),
        (
            "/away",
            "cannot fetch {url}: it leads to file:///etc/hostname, which is not http or https" + OTHER,
        ),
        ("/huge", "{url} is over 32 MB: give a single page"),
    ],
)
def test_what_is_no_page_is_refused(newshole: Newshole, web: str, path: str, message: str) -> None:
    url = web + path
    refused(newshole("compose", url), message.format(url=url))


def test_an_answer_that_is_cut_short_is_refused(newshole: Newshole, web: str) -> None:
    outcome = newshole("compose", f"{web}/cut")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, b"", 1)
    assert outcome.err.startswith(f"newshole: cannot fetch {web}/cut: ")


def test_a_refused_connection_is_told(newshole: Newshole) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    message = f"cannot fetch {url}: no connection to 127.0.0.1, port {port}: Connection refused{OTHER}"
    refused(newshole("compose", url), message)


def test_an_unknown_host_is_told(newshole: Newshole) -> None:
    outcome = newshole("compose", "http://nothing.invalid/")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, b"", 1)
    assert "no connection to nothing.invalid, port 80: " in outcome.err


@pytest.mark.parametrize("url", ["ftp://news.example/", "file:///etc/passwd", "://", "http://[::1/"])
def test_other_schemes_are_refused(newshole: Newshole, url: str) -> None:
    message = f"{url} is no address of a page: give one like https://news.example/story"
    refused(newshole("compose", url), message)


def test_a_slow_server_is_given_up(web: str) -> None:
    with pytest.raises(UsageError) as refusal:
        fetch(f"{web}/slow", MEGABYTE, timeout=0.2)
    assert str(refusal.value) == f"cannot fetch {web}/slow: no whole answer within 0.2 seconds{OTHER}"
