"""A real WordPress behind `newshole serve`: its stories are composed, and its editors can work."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from newshole import Site
from tests.serving.servers import served
from tests.serving.wordpress import EDITOR, PASSWORD, STORY, wordpress

pytestmark = pytest.mark.slow

HOST = "news.localhost"


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with wordpress(tmp_path_factory.mktemp("wordpress")) as address:
        yield address


@pytest.fixture(scope="module")
def port(origin: str) -> Iterator[int]:
    with served("--upstream", origin, "--page-cache") as newshole:
        yield newshole.port


@pytest.fixture
def visitor(port: int) -> Iterator[httpx.Client]:
    """Somebody with a browser, who comes by the site's name."""
    headers = {"host": f"{HOST}:{port}", "accept": "text/html"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        yield client


def test_a_story_is_composed_as_its_page_is(origin: str, port: int, visitor: httpx.Client) -> None:
    page = httpx.get(origin + STORY, headers={"host": f"{HOST}:{port}"}).content
    composed = Site.load("newspaper").compose(page, url=f"http://{HOST}:{port}{STORY}")
    assert len(composed.insertions) >= 2
    answer = visitor.get(STORY)
    assert (answer.status_code, answer.content) == (200, composed.html)


@pytest.mark.parametrize("path", ["/", "/feed/", "/wp-json/", "/wp-includes/js/wp-embed.min.js", "/none/"])
def test_all_else_is_as_it_is_without_newshole(
    origin: str, port: int, visitor: httpx.Client, path: str
) -> None:
    alone = httpx.get(origin + path, headers={"host": f"{HOST}:{port}", "accept": "text/html"})
    answer = visitor.get(path)
    assert (answer.status_code, answer.content) == (alone.status_code, alone.content)
    kept = ("content-type", "link", "location", "etag", "last-modified")
    assert [answer.headers.get_list(name) for name in kept] == [alone.headers.get_list(name) for name in kept]


def test_a_redirect_leads_to_the_public_address(port: int, visitor: httpx.Client) -> None:
    answer = visitor.get(STORY.rstrip("/"))
    assert (answer.status_code, answer.headers["location"]) == (301, f"http://{HOST}:{port}{STORY}")


def test_editors_sign_in_and_nobody_else_gets_their_pages(visitor: httpx.Client) -> None:
    visitor.get("/wp-login.php")
    signed_in = visitor.post("/wp-login.php", data={"log": EDITOR, "pwd": PASSWORD, "testcookie": "1"})
    assert signed_in.status_code == 302
    # The cookies are of the site's name, which httpx does not resolve.
    cookies = "; ".join(
        each.partition(";")[0] for each in signed_in.headers.get_list("set-cookie") if "=+;" not in each
    )
    desk = visitor.get("/wp-admin/", headers={"cookie": cookies})
    assert (desk.status_code, "wpadminbar" in desk.text, "data-newshole" in desk.text) == (200, True, False)
    story = visitor.get(STORY, headers={"cookie": cookies})
    assert 'id="wpadminbar"' in story.text
    assert 'data-newshole="inline-ad"' in story.text
    assert 'id="wpadminbar"' not in visitor.get(STORY, headers={"cookie": ""}).text


def test_a_comment_is_taken(visitor: httpx.Client) -> None:
    story = visitor.get(STORY).text
    post = re.search(r"name='comment_post_ID' value='(\d+)'", story)
    assert post
    told = {"comment": "Well done, council.", "author": "A reader", "email": "reader@example.org"}
    answer = visitor.post("/wp-comments-post.php", data={**told, "comment_post_ID": post[1]})
    assert answer.status_code == 302
    assert "unapproved=" in answer.headers["location"]
