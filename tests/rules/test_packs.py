"""The packs that come with newshole."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from newshole.rules.compile import load
from newshole.rules.kinds.ad import Ad
from newshole.rules.kinds.html import Html
from newshole.rules.kinds.newsletter import Newsletter
from newshole.rules.kinds.strip import Strip
from newshole.rules.kinds.video import Video
from newshole.rules.layout import Limit
from newshole.rules.packs import find_pack, packs
from newshole.rules.ruleset import Anchor, At, Rules, Stack
from newshole.rules.schema import schema

FOLDER = Path(__file__).parents[2] / "rules"


def pack(name: str) -> Rules:
    [loaded] = load(name)
    return loaded


def test_every_file_of_rules_is_a_pack() -> None:
    assert (
        set(packs()) == {file.stem for file in FOLDER.glob("*.yaml")} == {"newspaper", "quiet", "reference"}
    )


def test_a_pack_is_found_by_its_name_alone() -> None:
    assert find_pack("newspaper") == FOLDER / "newspaper.yaml"
    assert find_pack("newspaper.yaml") is None
    assert find_pack("../rules/newspaper") is None


@pytest.mark.parametrize("name", packs())
def test_every_pack_loads_and_has_blocks(name: str) -> None:
    assert pack(name).blocks


@pytest.mark.parametrize("name", packs())
def test_every_pack_is_right_by_the_schema(name: str) -> None:
    written = YAML(typ="safe", pure=True).load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    Draft202012Validator(schema()).validate(json.loads(json.dumps(written, default=str)))


@pytest.mark.parametrize("name", packs())
def test_every_pack_names_the_schema_beside_it(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert "# yaml-language-server: $schema=schema.json\n" in text
    assert (FOLDER / "schema.json").is_file()


@pytest.mark.parametrize("name", ["newspaper", "quiet"])
def test_a_pack_for_any_site_is_of_no_site_and_of_no_language(name: str) -> None:
    loaded = pack(name)
    assert (loaded.hosts, loaded.stories, loaded.pinned, loaded.articles) == ((), (), (), ())
    assert (loaded.language, loaded.timezone) == (None, "UTC")
    for block in loaded.blocks:
        assert not isinstance(block.options, (Html, Newsletter, Video, Strip))
        words = {
            key: value
            for key, value in block.options.model_dump(exclude_none=True).items()
            if key in ("label", "title", "text", "name")
        }
        assert words == {}


@pytest.mark.parametrize("name", ["newspaper", "quiet"])
def test_a_pack_for_any_site_asks_no_third_party_for_anything(name: str) -> None:
    text = re.sub(r"#.*", "", (FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    assert "http" not in text
    for block in pack(name).blocks:
        if isinstance(block.options, Ad):
            assert block.options.serve.slot


def test_quiet_shows_less_than_newspaper() -> None:
    quiet, newspaper = pack("quiet"), pack("newspaper")
    assert {block.id for block in quiet.blocks} < {block.id for block in newspaper.blocks}
    assert (quiet.layout.ads, quiet.layout.blocks) == (Limit("layout.ads", 1), Limit("layout.blocks", 3))
    [inline] = [block for block in quiet.blocks if block.id == "inline-ad"]
    assert (inline.prefer, inline.repeat) == ((At("blocks.inline-ad.place", percent=50),), None)


def test_newspaper_puts_no_block_between_a_heading_and_its_text() -> None:
    clear = {each.kind: each for each in pack("newspaper").layout.clear}
    heading = clear["heading"]
    assert not heading.before
    assert [bound.path for bound in heading.after] == ["layout.clear.heading.after"]


def test_newspaper_puts_no_block_beside_a_picture_or_what_is_beside_the_story() -> None:
    clear = {each.kind: each for each in pack("newspaper").layout.clear}
    assert set(clear) == {"heading", "image", "video", "embed", "other"}
    assert all(clear[kind].before and clear[kind].after for kind in ("image", "video", "embed", "other"))


def test_reference_has_the_blocks_of_the_reference_page_in_their_order() -> None:
    blocks = pack("reference").blocks
    assert [block.id for block in blocks] == (
        "strip must-read top-ad inline-ad follow video source more bottom-ad latest".split()
    )
    places = {place for block in blocks for place in block.prefer if not isinstance(place, Stack)}
    assert places == {Anchor("blocks.inline-ad.place", "after", "paragraph", (4,))}


def test_reference_shows_the_weather_of_the_reference_page() -> None:
    options = pack("reference").blocks[0].options
    assert isinstance(options, Strip)
    assert options.weather is not None
    assert (options.weather.temperature, options.weather.unit, str(options.date)) == (28.6, "C", "2024-07-19")
