"""The page about the blocks says what is so."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from textwrap import indent

import pytest
from ruamel.yaml import YAML

from newshole import blocks
from newshole.blocks.words import LANGUAGES
from newshole.library.feeds import FeedStory
from newshole.rules.compile import load
from newshole.rules.kinds import KINDS
from newshole.rules.kinds.ad import SERVERS, Lazy
from newshole.rules.kinds.creative import Creative, Sizes
from newshole.rules.kinds.servers import Adsense, Amp, Bid, Gpt, Prebid, Revive
from newshole.rules.written import Written
from newshole.types import Facts
from tests.blocks.newsroom import STORY, block, fragment, view

PAGE = (Path(__file__).parents[2] / "docs" / "blocks.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_every_key_of_it_is_documented(kind: str) -> None:
    [section] = re.findall(rf"^## {kind}\n(.*?)(?=^## )", PAGE, re.DOTALL | re.MULTILINE)
    for key in KINDS[kind].key_names():
        assert f"`{key}" in section, key


def test_every_kind_of_the_rules_has_a_module() -> None:
    assert {kind.name for kind in blocks.KINDS} == set(KINDS)


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_rules_that_show_something(example: str) -> None:
    [(id_, written)] = YAML(typ="safe", pure=True).load(example).items()
    options = {key: value for key, value in written.items() if key not in ("kind", "place")}
    made = block(KINDS[written["kind"]].model_validate(options), id_)
    told = blocks.clips_of([FeedStory("https://news.example/v/1", "Harbour")])
    facts = Facts(videos={"https://news.example/videos.xml": told})
    seen = view(story=replace(STORY, origin="https://agency.example/1", amp=("amp-ad",)), facts=facts)
    assert fragment(made, seen).startswith(f'<aside class="nh-{written["kind"]}'.encode())


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_load(tmp_path: Path, example: str) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(f"blocks:\n{indent(example, '  ')}", encoding="utf-8")
    assert load(file)


@pytest.mark.parametrize("model", [Sizes, Creative, Lazy, Gpt, Bid, Prebid, Adsense, Revive, Amp])
def test_every_key_of_an_ad_server_is_documented(model: type[Written]) -> None:
    [section] = re.findall(r"^## ad\n(.*?)(?=^## )", PAGE, re.DOTALL | re.MULTILINE)
    named = set(re.findall(r"[`.{ ,](\w+)[`:]", section))
    assert {*model.key_names()} - named == set()


@pytest.mark.parametrize("server", SERVERS)
def test_every_server_is_documented(server: str) -> None:
    assert f"| `serve.{server}` |" in PAGE


def test_every_language_is_named() -> None:
    named = re.search(r"of which it speaks 25: `([a-z ]+)`", PAGE)
    assert named is not None
    assert set(named[1].split()) == set(LANGUAGES) - {"zh-Hant"}


def test_every_custom_property_is_named() -> None:
    style = "".join(file.read_text("ascii") for file in Path(blocks.__file__).parent.glob("*.css"))
    assert {name for name in re.findall(r"--nh-[a-z-]+", style) if f"`{name}`" not in PAGE} == set()
