"""A story under a framework's hand is told from one beside it."""

from __future__ import annotations

import pytest

from newshole.page.document import Document
from newshole.page.hydration import is_hydrated

ROOTS = [
    "div id=__next",
    "div id=__nuxt",
    "div id=___gatsby",
    "astro-island",
    "div data-reactroot",
    "div data-reactid=1",
    "div data-server-rendered=true",
    "x-root ng-server-context=ssr",
    "div q:container=paused",
]
SCRIPTS = ["self.__next_f.push([0])", "window.__remixContext = {}", "__sveltekit_1x2y = {}"]


def _is_hydrated(page: str) -> bool:
    document = Document(page.encode())
    return is_hydrated(document, document.select("article")[0])


@pytest.mark.parametrize("root", ROOTS)
def test_a_story_below_a_root_is_hydrated_and_one_beside_it_is_not(root: str) -> None:
    name = root.split()[0]
    assert _is_hydrated(f"<{root}><main><article>a</article></main></{name}>")
    assert not _is_hydrated(f"<{root}>menu</{name}><article>a</article>")


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_framework_that_takes_the_whole_page_has_the_story_too(script: str) -> None:
    assert _is_hydrated(f"<article>a</article><script>{script}</script>")


def test_a_plain_page_is_not_hydrated() -> None:
    assert not _is_hydrated("<div id=next><article>a</article></div><script>jQuery()</script>")
