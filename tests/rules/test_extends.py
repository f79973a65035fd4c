"""Files that extend others, and folders of several sites."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from newshole.errors import UsageError
from newshole.rules.compile import load
from newshole.rules.kinds.ad import Ad
from newshole.rules.kinds.newsletter import Newsletter
from newshole.rules.kinds.stories import Stories
from newshole.rules.layout import Distance, Limit
from newshole.rules.packs import packs
from newshole.rules.ruleset import Anchor, Rules, Stack
from tests.rules.files import marked, problems, write

HOUSE = """\
timezone: Europe/Warsaw
layout: {gap: [3 units, 120 words], ads: 5, clear: {heading: {after: never}}}
defaults:
  ad: {label: Ad, when: {device: mobile}}
blocks:
  top: {kind: ad, sizes: {mobile: [[300, 250]]}, serve: {slot: top}, place: body-start, priority: 2}
  more: {kind: stories, source: latest, count: 3, place: body-after}
  mail: {kind: newsletter, action: /in, place: body-end}
"""


def site(folder: Path, text: str, base: str = HOUSE) -> Rules:
    """The rules of a file over those of `house.yaml`."""
    (loaded,) = load(write(folder, house=base, site=f"extends: house.yaml\n{text}") / "site.yaml")
    return loaded


def ids(rules: Rules) -> list[str]:
    return [block.id for block in rules.blocks]


def test_what_a_file_does_not_say_is_as_in_the_one_it_extends(tmp_path: Path) -> None:
    loaded = site(tmp_path, "site: News")
    assert (loaded.name, loaded.site, loaded.timezone) == ("site", "News", "Europe/Warsaw")
    assert ids(loaded) == ["top", "more", "mail"]


def test_mappings_are_joined_key_by_key(tmp_path: Path) -> None:
    loaded = site(tmp_path, "layout: {ads: 2}\nblocks: {more: {count: 9}}")
    assert loaded.layout.ads == Limit("layout.ads", 2)
    assert len(loaded.layout.gap) == 2
    options = loaded.blocks[1].options
    assert isinstance(options, Stories)
    assert (options.source, options.count) == ("latest", 9)


def test_lists_are_replaced_whole(tmp_path: Path) -> None:
    loaded = site(tmp_path, "layout: {gap: [9 units]}")
    assert [bound.distance for bound in loaded.layout.gap] == [Distance(9, "units")]


def test_new_blocks_come_after_those_of_the_file_that_is_extended(tmp_path: Path) -> None:
    loaded = site(tmp_path, "blocks:\n  new: {kind: source, place: body-end}\n  mail: {url: /in}")
    assert ids(loaded) == ["top", "more", "mail", "new"]


def test_a_key_without_a_value_takes_the_one_below_away(tmp_path: Path) -> None:
    loaded = site(tmp_path, "timezone:\nlayout: {ads: ~, clear: }\nblocks: {more: null, top: {priority: }}")
    assert (loaded.timezone, loaded.layout.ads, loaded.layout.clear) == ("UTC", None, ())
    assert ids(loaded) == ["top", "mail"]
    assert loaded.blocks[0].priority == 0


def test_a_key_without_a_value_that_takes_nothing_away_is_a_mistake(tmp_path: Path) -> None:
    write(tmp_path, house=HOUSE, site="extends: house.yaml\nlayout: {blocks: }\nblocks: {mroe: }\n")
    assert problems(tmp_path / "site.yaml") == [
        "site.yaml:2:10: layout.blocks: expected a whole number from 0 to 1000, found nothing",
        "site.yaml:3:10: blocks.mroe: expected a mapping, found nothing",
    ]


def test_a_place_is_replaced_whole_and_by_what_stands_for_it(tmp_path: Path) -> None:
    base = "blocks: {x: {kind: source, place: {after: image, nth: 2}}}"
    (block,) = site(tmp_path, "blocks: {x: {place: {before: heading}}}", base).blocks
    assert block.prefer == (Anchor("blocks.x.place", "before", "heading", (1,)),)
    (block,) = site(tmp_path, "blocks: {x: {prefer: [body-end, body-start]}}", base).blocks
    assert block.prefer == (
        Stack("blocks.x.prefer[0]", "body-end"),
        Stack("blocks.x.prefer[1]", "body-start"),
    )


def test_who_fills_an_ad_and_where_a_form_leads_are_replaced(tmp_path: Path) -> None:
    loaded = site(tmp_path, "blocks: {top: {serve: {html: <b>x</b>}}, mail: {url: /sign-up}}")
    ad, mail = loaded.blocks[0].options, loaded.blocks[2].options
    assert isinstance(ad, Ad)
    assert isinstance(mail, Newsletter)
    assert (ad.serve.slot, ad.serve.html) == (None, "<b>x</b>")
    assert (mail.action, mail.url) == (None, "/sign-up")


def test_a_block_of_another_kind_is_another_block(tmp_path: Path) -> None:
    loaded = site(tmp_path, "blocks: {top: {kind: source, place: body-end}}")
    assert (loaded.blocks[0].kind, loaded.blocks[0].priority) == ("source", 0)


def test_conditions_of_a_block_are_joined_too(tmp_path: Path) -> None:
    base = "blocks: {x: {kind: source, place: body-end, when: {section: A, tag: B}}}"
    (block,) = site(tmp_path, "blocks: {x: {when: {section: C, tag: }}}", base).blocks
    assert [(each.fact, each.written) for each in block.when] == [("section", "C")]


def test_files_extend_one_another_in_a_chain_from_folder_to_folder(tmp_path: Path) -> None:
    (tmp_path / "group" / "base").mkdir(parents=True)
    write(tmp_path / "group" / "base", all="layout: {ads: 1, blocks: 1}\ntimezone: Europe/Oslo")
    write(tmp_path / "group", house="extends: base/all.yaml\nlayout: {ads: 2}")
    write(tmp_path, site="extends: group/house.yaml\nlayout: {blocks: 3}")
    (loaded,) = load(tmp_path / "site.yaml")
    assert (loaded.layout.ads, loaded.layout.blocks) == (Limit("layout.ads", 2), Limit("layout.blocks", 3))
    assert loaded.timezone == "Europe/Oslo"


@pytest.mark.parametrize("pack", packs())
def test_a_pack_is_extended_by_its_name(tmp_path: Path, pack: str) -> None:
    (loaded,) = load(write(tmp_path, site=f"extends: {pack}\nsite: News") / "site.yaml")
    (bare,) = load(pack)
    assert (loaded.site, loaded.blocks, loaded.layout) == ("News", bare.blocks, bare.layout)


def test_a_file_named_like_a_pack_can_extend_it(tmp_path: Path) -> None:
    (loaded,) = load(write(tmp_path, newspaper="extends: newspaper\nsite: News") / "newspaper.yaml")
    assert loaded.site == "News"
    assert loaded.blocks


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("hause.yaml", '"hause.yaml"; did you mean "house.yaml"?'),
        ("newspapre", '"newspapre"; did you mean "newspaper"?'),
        ("qqqqq", '"qqqqq"'),
        ('"a\\0b"', '"a\\u0000b"'),
        (".", '"."'),
    ],
)
def test_a_file_that_is_not_there_is_told(tmp_path: Path, name: str, found: str) -> None:
    write(tmp_path, house=HOUSE, site=f"site: x\nextends: {name}\n")
    assert problems(tmp_path / "site.yaml") == [
        f"site.yaml:2:10: extends: no file beside this one and no pack is named {found}"
    ]


def test_what_the_missing_file_may_have_can_be_taken_away(tmp_path: Path) -> None:
    write(tmp_path, site="extends: gone.yaml\nlayout: {gap: }\nblocks: {x: }")
    assert [each.split(": ")[1] for each in problems(tmp_path / "site.yaml")] == ["extends"]


def test_a_name_that_no_file_can_have_is_told(tmp_path: Path) -> None:
    write(tmp_path, site=f"extends: {'x' * 5_000}")
    [found] = problems(tmp_path / "site.yaml")
    assert found.startswith("site.yaml:1:10: extends: the file cannot be read: ")


@pytest.mark.parametrize("extends", ["[a, b]", "5", "", "{}"])
def test_what_is_no_name_is_told_once(tmp_path: Path, extends: str) -> None:
    write(tmp_path, site=f"extends: {extends}\n")
    [found] = problems(tmp_path / "site.yaml")
    assert "extends: expected text" in found


def test_keys_that_the_missing_file_may_have_are_not_asked_for(tmp_path: Path) -> None:
    write(tmp_path, site="extends: gone.yaml\nblocks: {x: {priority: high}}\nlibrary: {pinned: [/a]}")
    assert [each.split(": ")[1] for each in problems(tmp_path / "site.yaml")] == [
        "extends",
        "blocks.x.priority",
    ]


def test_a_mistake_is_told_where_it_is_written(tmp_path: Path) -> None:
    house, at = marked(HOUSE.replace("body-after", "¦body-aftr"))
    write(tmp_path, house=house, site="extends: house.yaml\nsiet: x")
    assert [each.split(": ")[:2] for each in problems(tmp_path / "site.yaml")] == [
        [f"house.yaml:{at}", "blocks.more.place"],
        ["site.yaml:2:1", "siet"],
    ]


def test_a_mistake_in_a_file_that_two_extend_is_told_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        house="timezone: Mars",
        a="extends: house.yaml\nhosts: a.example",
        b="extends: house.yaml\nhosts: b.example",
    )
    assert [each.split(": ")[0] for each in problems(tmp_path)] == ["house.yaml:1:11"]


def test_a_mistake_is_told_though_the_file_above_hides_it(tmp_path: Path) -> None:
    write(tmp_path, house="timezone: Mars", site="extends: house.yaml\ntimezone: UTC")
    assert [each.split(": ")[0] for each in problems(tmp_path / "site.yaml")] == ["house.yaml:1:11"]


def test_a_file_that_is_no_yaml_is_told_where_it_is_extended_from(tmp_path: Path) -> None:
    write(tmp_path, house="layout: [", site="extends: house.yaml\nsiet: x")
    assert [each.split(": ")[0] for each in problems(tmp_path / "site.yaml")] == [
        "house.yaml:1:9",
        "site.yaml:2:1",
    ]


def test_a_file_that_others_complete_need_not_be_whole(tmp_path: Path) -> None:
    base = "blocks: {x: {kind: stories, count: 2}}\nlibrary: {pinned: [/a]}"
    loaded = site(
        tmp_path,
        "blocks: {x: {source: pinned, place: body-end}}\nlibrary: {stories: [{title: A, url: /a}]}",
        base,
    )
    assert (ids(loaded), loaded.pinned) == (["x"], ("/a",))


@pytest.mark.parametrize("load_one", [True, False])
def test_a_circle_is_told_once_and_hides_no_other_mistake(tmp_path: Path, *, load_one: bool) -> None:
    write(
        tmp_path,
        a="extends: b.yaml\nsiet: 1",
        b="extends: c.yaml\nlayuot: 1",
        c="extends: a.yaml\nbolcks: 1",
    )
    assert [each.split(": ")[:2] for each in problems(tmp_path / "a.yaml" if load_one else tmp_path)] == [
        ["a.yaml:2:1", "siet"],
        ["b.yaml:2:1", "layuot"],
        ["c.yaml:1:10", "extends"],
        ["c.yaml:2:1", "bolcks"],
    ]


def test_a_circle_names_its_files(tmp_path: Path) -> None:
    write(tmp_path, a="extends: b.yaml", b="extends: ./b.yaml")
    assert problems(tmp_path / "a.yaml") == ["b.yaml:1:10: extends: a circle: b.yaml extends b.yaml"]


def test_a_folder_holds_sites_by_host(tmp_path: Path) -> None:
    write(
        tmp_path,
        a="hosts: [a.example, '*.a.example']",
        b="hosts: news.a.example",
        c="site: All the others",
    )
    hosts = {
        host: [rules.name for rules in load(tmp_path) if any(each.fullmatch(host) for each in rules.hosts)]
        for host in (
            "a.example",
            "www.a.example",
            "x.y.a.example",
            "news.a.example",
            "ba.example",
            "aXexample",
        )
    }
    assert hosts == {
        "a.example": ["a"],
        "www.a.example": ["a"],
        "x.y.a.example": ["a"],
        "news.a.example": ["b"],
        "ba.example": [],
        "aXexample": [],
    }


def test_a_nearer_pattern_takes_its_hosts_from_a_wider_one(tmp_path: Path) -> None:
    wide, near = load(write(tmp_path, wide="hosts: '*.example'", near="hosts: '*.news.example'"))[::-1]
    assert wide.host_names == ("*.example",)
    found = [bool(each.hosts[0].fullmatch("www.news.example")) for each in (wide, near)]
    assert found == [False, True]


def test_a_file_that_another_one_extends_is_no_site(tmp_path: Path) -> None:
    write(tmp_path, house=HOUSE, site="extends: house.yaml")
    assert [rules.name for rules in load(tmp_path)] == ["site"]
    assert [rules.name for rules in load(tmp_path / "house.yaml")] == ["house"]


def test_two_sites_whose_files_differ_in_their_endings_alone_are_told(tmp_path: Path) -> None:
    write(tmp_path, site="hosts: [a.example]")
    (tmp_path / "site.yml").write_text("hosts: [b.example]", encoding="utf-8")
    assert problems(tmp_path) == ["site.yml:1:1: needs another name than site.yaml, beside its ending"]


def test_two_sites_that_claim_one_host_are_told(tmp_path: Path) -> None:
    write(tmp_path, a="hosts: [x.example, news.example]", b="site: B\nhosts: [news.example]")
    assert problems(tmp_path) == [
        'b.yaml:2:9: hosts[0]: "news.example" is claimed by a.yaml too',
    ]


def test_two_sites_for_every_host_are_told(tmp_path: Path) -> None:
    write(tmp_path, a="site: A", b="site: B", c="hosts: c.example")
    assert problems(tmp_path) == ['b.yaml:1:1: needs "hosts": a.yaml is for every host already']


def test_only_rules_files_of_a_folder_are_read(tmp_path: Path) -> None:
    write(tmp_path, site="site: News")
    (tmp_path / "notes.txt").write_text("[")
    (tmp_path / ".draft.yaml").write_text("[")
    (tmp_path / "old.yaml.bak").write_text("[")
    (tmp_path / "folder.yaml").mkdir()
    assert [rules.site for rules in load(tmp_path)] == ["News"]


def test_yml_is_an_ending_too(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text("site: News")
    assert [rules.site for rules in load(str(tmp_path))] == ["News"]


@pytest.mark.parametrize("name", ["gone.yaml", "gone", "x" * 5_000, "a\0b", os.devnull])
def test_rules_that_are_not_there_are_one_line_that_says_what_to_do(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"^(no rules at|cannot read the rules in) .*[^\n]$") as caught:
        load(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_the_packs_are_named_where_there_are_no_rules(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path / "gone")
    assert str(caught.value) == (
        f"no rules at {tmp_path}/gone: give a file, a folder or a pack (newspaper, quiet, reference)"
    )


@pytest.mark.skipif(not Path("/proc/self/mem").is_file(), reason="needs a file that cannot be read")
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^cannot read the rules in /proc/self/mem: "):
        load("/proc/self/mem")
    write(tmp_path, site="extends: /proc/self/mem")
    [found] = problems(tmp_path / "site.yaml")
    assert found.startswith("site.yaml:1:10: extends: the file cannot be read: ")


@pytest.mark.parametrize("hidden", [True, False])
def test_a_folder_without_rules_is_told(tmp_path: Path, *, hidden: bool) -> None:
    if hidden:
        (tmp_path / ".draft.yaml").write_text("site: News")
    with pytest.raises(UsageError, match=r"^no rules in the folder .*: it holds no \.yaml file$"):
        load(tmp_path)
