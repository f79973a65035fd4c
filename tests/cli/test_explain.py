"""`newshole explain`: the picture of a page, and its JSON."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from newshole.explaining.sentences import sentence
from newshole.types import Reason
from tests.cli.conftest import HERE, RULES, STORY, Newshole, Outcome, refused

DOCS = (HERE.parents[1] / "docs" / "cli.md").read_text("utf-8")

SCRIBBLE = "\x1b[31m \u009b5m \x08\x7f\u202e &#x9b;5m &#27;c"
HOSTILE = (
    "<!doctype html><html lang='x\x1b[31m'><title>\x1b]0;owned\x07 [red]bold[/] \u202e</title>"
    "<meta property='og:type' content='article\x1b[1m'><article>"
    + "".join(
        f"<p>Paragraph {n} {SCRIBBLE} of a story that is long enough for a block or two, and goes on so "
        "that all of it is taken for the text that it is, by whoever reads it.\n"
        for n in range(9)
    )
    + "</article>"
)
STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def told(newshole: Newshole) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(newshole("explain", STORY, "--rules", RULES, "--json").out)
    return document


def test_the_picture_is_the_one_in_the_documentation(newshole: Newshole) -> None:
    outcome = newshole("explain", STORY, "--rules", RULES)
    assert (outcome.code, outcome.err) == (0, "")
    assert (
        f"```text\n{outcome.text.replace(str(STORY)[:79] + '…', 'story.html', 1)}```".replace(
            str(STORY), "story.html"
        )
        in DOCS
    )


def test_every_unit_is_drawn_with_its_words_and_its_text(newshole: Newshole, told: dict[str, Any]) -> None:
    picture = newshole("explain", STORY, "--rules", RULES).text
    drawn = re.findall(r"[├╎│] (\w+) +(\d+)  (\S+)", picture)
    assert [(kind, int(words)) for kind, words, _ in drawn] == [
        (unit["kind"], unit["words"]) for unit in told["outline"]["units"]
    ]
    assert [text for *_, text in drawn] == ["The", "Two", "Engineers", "Two", "The", "“We", "The"]


def test_every_place_is_drawn_once(newshole: Newshole, told: dict[str, Any]) -> None:
    picture = newshole("explain", STORY, "--rules", RULES).text
    numbers = re.findall(r"^ *(\d+) ", picture, re.MULTILINE)
    assert [int(number) for number in numbers] == [gap["gap"] for gap in told["outline"]["gaps"]]


@pytest.mark.parametrize("pack", ["newspaper", "quiet", "reference"])
def test_piped_it_fits_eighty_columns_and_has_no_escapes(newshole: Newshole, pack: str) -> None:
    for line in newshole("explain", STORY, "--rules", pack).text.splitlines():
        assert cell_len(line) <= 80
        assert line == line.rstrip()
        assert line.isprintable()


def test_wide_letters_fit_too(newshole: Newshole, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<article>" + ("<p>" + "橋を直すことになった。" * 9) * 8, "utf-8")
    lines = newshole("explain", page).text.splitlines()
    assert any("橋" in line for line in lines)
    assert max(map(cell_len, lines)) <= 80


def test_a_block_that_is_not_placed_says_why(newshole: Newshole) -> None:
    picture = newshole("explain", STORY, "--rules", RULES).text
    _, missing = picture.split("\nNot placed\n")
    assert "second-ad  ad        closest: after paragraph 3 (gap 9)\n" in missing
    assert "Blocks keep 3 units between them; here 2 units to inline-ad" in missing
    assert "A page takes at most 1 ad; 1 ad placed (layout: ads)" in missing
    assert "follow     follow    Its condition on section asks for Sport; here City" in missing


def test_the_reason_of_a_near_miss_stands_in_its_line(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    text = RULES.read_text("utf-8").replace("ads: 1", "ads: 2").replace("nth: 2}", "nth: 2}\n    exact: true")
    rules.write_text(text, "utf-8")
    said = " ".join(newshole("explain", STORY, "--rules", rules).text.split())
    assert "closest: after paragraph 3 (gap 9): Blocks keep 3 units between them; here 2 units to" in said


def test_fewer_copies_than_were_asked_for_are_counted(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.read_text("utf-8").replace("nth: 2", "nth: [2, -1]"), "utf-8")
    assert "1 of 2 copies: after paragraph " in newshole("explain", STORY, "--rules", rules).text


def test_beside_a_gap_stands_the_bound_that_keeps_it_free(newshole: Newshole) -> None:
    picture = newshole("explain", STORY, "--rules", RULES).text
    assert "  6     22  ╎ Blocks keep 1 unit below each heading; here 0 units" in picture


def test_one_block_has_its_reasons_beside_every_gap(newshole: Newshole, told: dict[str, Any]) -> None:
    picture = newshole("explain", STORY, "--rules", RULES, "--block", "second-ad").text
    refused_at = [each for each in told["decisions"] if each["block"] == "second-ad" and each["gap"]]
    said = " ".join(picture.split())
    for decision in refused_at:
        for reason in decision["reasons"]:
            assert sentence(Reason(**reason)) in said
    assert re.search(r"^  9 +75  ╎ Blocks keep 3 units", picture, re.MULTILINE)
    assert f"```text\n{picture.split(chr(10) * 2)[1]}\n```" in DOCS
    assert "follow  " not in picture


def test_a_block_that_there_is_not_is_refused(newshole: Newshole) -> None:
    refused(
        newshole("explain", STORY, "--rules", RULES, "--block", "second-at"),
        f'no block "second-at" in {RULES}; did you mean "second-ad"?',
    )


def test_a_page_that_is_left_untouched_says_why(newshole: Newshole, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(b"")
    outcome = newshole("explain", page)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.text.endswith("\nThe page is left untouched (empty): it is empty.\n")


def test_a_page_without_room_shows_the_outline_and_every_reason(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.read_text("utf-8").replace("  ads: 1", "  start: 500 words"), "utf-8")
    picture = newshole("explain", STORY, "--rules", rules).text
    assert "The page is left untouched (nothing-placed)" in picture
    assert "Engineers" in picture
    assert "Blocks keep 500 words from the beginning; here 39 words" in picture


def test_no_byte_of_a_page_steers_the_terminal(newshole: Newshole, tmp_path: Path) -> None:
    page = tmp_path / "hostile.html"
    page.write_text(HOSTILE, "utf-8")
    asked = ("explain", page, "--url", "https://news.example/\x1b[31m\u202e")
    for outcome in (newshole(*asked), newshole(*asked, "--json")):
        assert (outcome.code, outcome.err) == (0, "")
        assert not STEERING.search(outcome.text)
    assert r"\x1b]0;owned\x07" in newshole(*asked).text


def test_square_brackets_are_text(newshole: Newshole, tmp_path: Path) -> None:
    page = tmp_path / "hostile.html"
    page.write_text(HOSTILE, "utf-8")
    assert "[red]bold[/]" in newshole("explain", page).text


def test_no_text_of_rules_steers_the_terminal(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    hostile = RULES.read_text("utf-8").replace("[Sport]", r'["[b]\e[31m\u202e"]')
    rules.write_text(hostile, "utf-8")
    picture = newshole("explain", STORY, "--rules", rules).text
    assert not STEERING.search(picture)
    assert r"asks for [b]\x1b[31m\u202e; here City" in " ".join(picture.split())


def test_the_json_is_ascii_and_holds_the_whole_composition(told: dict[str, Any], newshole: Newshole) -> None:
    assert newshole("explain", STORY, "--rules", RULES, "--json").out.isascii()
    page = STORY.read_bytes()
    assert told["page"] == {
        "source": str(STORY),
        "url": "",
        "content_type": "text/html",
        "bytes": len(page),
    }
    assert (told["device"], told["untouched"]) == ("desktop", None)
    assert told["story"]["title"] == "Old bridge to be mended"
    start, end = told["outline"]["body"]
    assert page[start:end].startswith(b"<p>The council")
    assert page[start:end].endswith(b"for floods.</p>")
    (insertion,) = told["insertions"]
    assert page[insertion["offset"] :].lstrip().startswith(b"<ul>")
    placed = [each for each in told["decisions"] if each["placed"]]
    assert [(each["block"], each["offset"]) for each in placed] == [("inline-ad", insertion["offset"])]
    fates = {each["block"]: each for each in told["blocks"]}
    assert fates["inline-ad"]["placed"] == [placed[0]["gap"]]
    assert fates["inline-ad"]["nearest_miss"] is None
    assert fates["follow"]["nearest_miss"]["reasons"] == [
        {"code": "when", "bound": "blocks.follow.when.section", "required": "Sport", "found": "City"}
    ]


def test_every_key_of_the_json_is_documented(told: dict[str, Any]) -> None:
    chapter = DOCS.split("### explain --json")[1].split("\n## ")[0]
    documented = re.findall(r"`([^`]+)`", chapter)
    assert _keys(told) <= set(re.findall(r"\w+", " ".join(documented)))


def _keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, list) else set()


def test_the_json_of_an_untouched_page_is_whole_too(newshole: Newshole, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(b"")
    told = json.loads(newshole("explain", page, "--json").out)
    assert (told["untouched"], told["outline"], told["blocks"], told["decisions"]) == ("empty", None, [], [])


def test_a_fault_fails(newshole: Newshole, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LookupError("no plan")

    monkeypatch.setattr("newshole.composing.make_plan", fail)
    outcome = newshole("explain", STORY, "--rules", RULES)
    assert outcome.code == 1
    assert "Traceback" not in outcome.err + outcome.text
    assert "(plan-fault): newshole itself failed" in outcome.text


def test_what_cannot_be_had_is_refused(newshole: Newshole, tmp_path: Path) -> None:
    file = tmp_path / "nothing.html"
    why = "No such file or directory; give an HTML file, an address or -"
    refused(newshole("explain", file), f"cannot read {file}: {why}")
    refused(newshole("explain", STORY, "--device", "tv"), 'unknown device "tv": give mobile or desktop')


def test_wrong_rules_are_told(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("blox: {}\n", "utf-8")
    told = f'{rules}:1:1: blox: unknown key; did you mean "blocks"?\n'
    assert newshole("explain", STORY, "--rules", rules) == Outcome(1, b"", told)


def on_a_terminal(*arguments: str | Path, **environment: str) -> str:
    """What a command writes to a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    with subprocess.Popen(
        [sys.executable, "-m", "newshole", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        env=kept | {"TERM": "xterm-256color", "COLUMNS": "80"} | environment,
    ) as process:
        os.close(theirs)
        written = b""
        try:
            while part := os.read(ours, 65536):
                written += part
        except OSError:  # Linux's end of file on a terminal
            pass
        assert process.wait(30) == 0
    os.close(ours)
    return written.decode("utf-8")


@pytest.mark.slow
def test_colour_is_for_terminals_and_not_where_it_is_unwanted(tmp_path: Path) -> None:
    page = tmp_path / "hostile.html"
    page.write_text(HOSTILE, "utf-8")
    colours = re.compile(r"\x1b\[(?:[0-9]+;)*3[0-9]m")
    styles = re.compile(r"\x1b\[[0-9;]*m|\r?\n")
    coloured = on_a_terminal("explain", page, "--rules", "reference")
    plain = on_a_terminal("explain", page, "--rules", "reference", NO_COLOR="1")
    assert colours.search(coloured)
    assert not colours.search(plain)
    for written in (coloured, plain):
        assert not STEERING.search(styles.sub("", written))


@pytest.mark.slow
def test_a_terminal_without_other_letters_gets_ascii() -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "newshole", "explain", str(STORY), "--rules", str(RULES)],
        env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        check=True,
    )
    assert outcome.stdout.isascii()
    assert b"# inline-ad" in outcome.stdout


def test_overrides_that_are_active_are_told(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        RULES.read_text("utf-8")
        + "overrides:\n"
        + "  - {name: dense, when: {section: City}, set: {layout.ads: 0}}\n"
        + "  - {name: sport, when: {section: Sport}, drop: more}\n"
        + "  - {name: quiet, drop: more}\n",
        "utf-8",
    )
    picture = newshole("explain", STORY, "--rules", rules).text
    assert "\noverrides  dense, quiet\n" in picture
    assert "An override here wants a page without the block" in picture
    assert "A page takes at most 0 ads; 0 ads placed (override dense, layout: ads)" in " ".join(
        picture.split()
    )
    told = json.loads(newshole("explain", STORY, "--rules", rules, "--json").out)
    assert told["overrides"] == ["dense", "quiet"]


def test_selected_elements_are_drawn_by_their_selector(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "blocks: {x: {kind: html, html: <p>x</p>, place: {selector: ul, where: before}}}\n", "utf-8"
    )
    picture = newshole("explain", STORY, "--rules", rules).text
    assert re.search(r"^ *\d+ +\d+  before ul +■ x$", picture, re.MULTILINE)


TESTED = """
experiments:
  calm: {unit: page, when: {section: City}, arms: {control: {weight: 1}, none: {weight: 2000000, drop: more}}}
  ads: {arms: {control: {weight: 1}, one: {weight: 2000000, set: {layout.ads: 0}}}}
  sport: {when: {section: Sport}, arms: {control: {}, one: {set: {layout.ads: 0}}}}
"""


def test_the_arms_of_a_reader_are_told_and_where_they_are_seen(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.read_text("utf-8") + TESTED, "utf-8")
    asked = ("explain", STORY, "--rules", rules, "--url", "https://news.example/a")
    told = json.loads(newshole(*asked, "--json").out)
    assert (told["arms"], told["exposures"]) == ({"calm": "none"}, {})
    told = json.loads(newshole(*asked, "--json", "--reader", "r1").out)
    assert (told["arms"], told["exposures"]) == ({"calm": "none", "ads": "one"}, {"ads": "one"})
    picture = newshole(*asked, "--reader", "r1").text
    assert "\nexperiment calm: none\nexperiment ads: one (another arm gives another page)\n" in picture


def test_an_arm_is_explained_and_composed_where_it_is_asked_for(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.read_text("utf-8") + TESTED, "utf-8")
    asked = (STORY, "--rules", rules, "--url", "https://news.example/a", "--reader", "r1")
    forced = ("--arm", "ads:control", "--arm", "calm:control")
    told = json.loads(newshole("explain", *asked, "--json", *forced).out)
    assert (told["arms"], told["exposures"]) == ({"calm": "control", "ads": "control"}, {})
    assert b'data-newshole="inline-ad"' not in newshole("compose", *asked).out
    assert b'data-newshole="inline-ad"' in newshole("compose", *asked, *forced).out


def test_an_address_asks_for_an_arm_as_growthbook_has_it(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        RULES.read_text("utf-8") + TESTED.replace("ads: {", "ads: {hash: growthbook-v2, "), "utf-8"
    )
    asked = ("explain", STORY, "--rules", rules, "--json", "--url")
    assert json.loads(newshole(*asked, "https://news.example/a?ads=1").out)["arms"]["ads"] == "one"
    told = json.loads(newshole(*asked, "https://news.example/a?ads=2&calm=0").out)["arms"]
    assert told == {"calm": "none"}


def test_an_arm_that_is_not_shown_is_told_with_the_reason(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "site.yaml"
    rules.write_text(
        "blocks: {a: {kind: html, html: <p>a</p>, place: body-end}}\n"
        "experiments:\n"
        "  later: {from: 2999-01-01, when: {section: Sport}, arms: {control: {}, none: {drop: a}}}\n"
        "  now: {until: 2999-01-01, arms: {control: {}, none: {drop: a}}}\n"
    )
    asked = ("--arm", "later:none", "--arm", "now:control")
    for command in ("explain", "compose"):
        outcome = newshole(command, STORY, "--rules", rules, *asked)
        assert outcome.code == 0
        assert [line for line in outcome.err.splitlines() if "experiment" in line] == [
            (
                'newshole: the experiment "later" is not about this page now, so no arm of it is shown: '
                "experiments.later.when.section, experiments.later.from do not hold"
            )
        ]


def test_an_arm_that_the_rules_do_not_have_is_refused(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.read_text("utf-8") + TESTED, "utf-8")
    outcome = newshole("explain", STORY, "--rules", rules, "--arm", "calm:nine")
    assert outcome.code == 2
    assert 'no arm "calm:nine" in the rules; did you mean "calm:none"?' in outcome.err
