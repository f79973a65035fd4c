"""`newshole audit`: one page whole, a table of several, and JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from newshole.review.audit import _hindrances
from tests.cli.conftest import HERE, STORY, Newshole
from tests.cli.test_docs import rows
from tests.cli.test_explain import DOCS, _keys

SCRIPTED = b'<meta http-equiv="content-security-policy" content="default-src \'self\'"></head>'


def test_one_page_is_shown_as_in_the_documentation(
    newshole: Newshole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE)
    outcome = newshole("audit", "story.html")
    assert (outcome.code, outcome.err) == (0, "")
    assert f"```text\n{outcome.text}```" in DOCS


def test_several_are_a_table_the_worst_first(newshole: Newshole, tmp_path: Path) -> None:
    story = STORY.read_bytes()
    pages = {
        "good": story,
        "left": b"<p>No story",
        "policy": story.replace(b"</head>", SCRIPTED),
    }
    for name, page in pages.items():
        (tmp_path / f"{name}.html").write_bytes(page)
    outcome = newshole("audit", tmp_path)
    assert outcome.code == 0
    assert "3 pages, rules newspaper\narticles         2\nslots to add     1, 0.33 a page\n" in outcome.text
    assert "    2  csp\n" in outcome.text
    assert "    1  no-body: it has no text of a story\n" in outcome.text
    table = outcome.text.split("\npage ")[1]
    assert re.findall(r"/(\w+)\.html", table) == ["policy", "left", "good"]
    shown = newshole("audit", tmp_path, "--show", "1").text
    assert re.findall(r"/(\w+)\.html", shown.split("\npage ")[1]) == ["policy"]
    assert "and 2 more pages: --show 3 shows all" in shown


def test_piped_it_fits_eighty_columns(newshole: Newshole, tmp_path: Path) -> None:
    for name in ("one", "二" * 60):
        (tmp_path / f"{name}.html").write_bytes(STORY.read_bytes().replace(b"Old bridge", b"Old " * 40))
    for arguments in ((tmp_path,), (tmp_path / "one.html",)):
        for line in newshole("audit", *arguments).text.splitlines():
            assert cell_len(line) <= 80
            assert line == line.rstrip()


def test_what_is_in_the_way_is_told_in_words(newshole: Newshole, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(STORY.read_bytes().replace(b"<article>", b'<article id="__next">'))
    text = newshole("audit", page).text
    assert "In the way\n  hydrated: a script draws it again in the browser, and would throw" in text
    assert "units      5 paragraph, 1 heading, 1 list" in text


def test_the_policy_of_an_answer_counts(newshole: Newshole, web: str) -> None:
    told = json.loads(newshole("audit", f"{web}/strict", "--json").out)
    assert [each["code"] for each in told["pages"][0]["hindrances"]] == ["nothing-placed", "csp", "csp"]


def test_the_json_is_documented(newshole: Newshole, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(STORY.read_bytes().replace(b"</head>", SCRIPTED))
    outcome = newshole("audit", page, "--json")
    assert outcome.out.isascii()
    told = json.loads(outcome.text)
    documented = DOCS.split("### audit --json")[1].split("\n## ")[0]
    documented += DOCS.split("### explain --json")[1].split("\n## ")[0]
    words = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", documented))))
    (page_told,) = told["pages"]
    assert page_told.pop("units") == {"paragraph": 5, "heading": 1, "list": 1}
    assert _keys(told) <= words


def test_every_hindrance_is_documented() -> None:
    source = Path(_hindrances.__code__.co_filename).read_text("utf-8")
    codes = set(re.findall(r'Hindrance\(\s*"([a-z-]+)"', source))
    assert codes == rows("in the way")


def test_a_fault_fails(newshole: Newshole, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LookupError("no plan")

    monkeypatch.setattr("newshole.composing.make_plan", fail)
    outcome = newshole("audit", STORY)
    assert outcome.code == 1
    assert "plan-fault: newshole itself failed on it" in outcome.text
