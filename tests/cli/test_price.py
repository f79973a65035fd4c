"""`newshole price`: its table, its JSON, and what it says of wrong values."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import RULES, STORY, Newshole, Outcome, refused
from tests.cli.test_explain import DOCS, _keys

VALUES = "block,position,value,currency\ninline-ad,1,2.40,EUR\nsecond-ad,*,1.10,EUR\n"


@pytest.fixture
def values(tmp_path: Path) -> Path:
    file = tmp_path / "cpm.csv"
    file.write_text(VALUES, "utf-8")
    return file


def test_the_dearest_bound_comes_first_and_those_that_never_bind_last(newshole: Newshole) -> None:
    outcome = newshole("price", RULES, STORY, "--conditions")
    assert (outcome.code, outcome.err) == (0, "")
    dear, free = outcome.text.split("\nNever bind\n")
    assert "1.00 slots a page 1.00–1.00" in dear
    assert re.search(r"^layout.ads: 1 +1\.00  1\.00–1\.00$", dear, re.MULTILINE)
    assert re.search(r"^blocks.follow.when.section: Sport +1\.00", dear, re.MULTILINE)
    assert "  layout.clear.heading.after: 1 unit\n" in free
    assert "when" not in newshole("price", RULES, STORY).text


def test_values_make_it_money(newshole: Newshole, values: Path) -> None:
    outcome = newshole("price", RULES, STORY, "--values", values)
    assert (outcome.code, outcome.err) == (0, "")
    assert "2.40 EUR per 1,000 page views 2.40–2.40" in outcome.text
    assert re.search(r"^layout.ads: 1 +1\.00  1\.00–1\.00  1\.10  1\.10–1\.10$", outcome.text, re.MULTILINE)


def test_ads_without_a_value_are_named(newshole: Newshole, values: Path) -> None:
    values.write_text(VALUES.replace("second-ad,*,1.10,EUR\n", ""), "utf-8")
    outcome = newshole("price", RULES, STORY, "--values", values)
    assert (outcome.code, outcome.err) == (
        0,
        "newshole: no value for second-ad: counted as worth nothing\n",
    )


def test_wrong_values_are_told_mistake_by_mistake(newshole: Newshole, values: Path) -> None:
    values.write_text("block,position,value\ninline,0,1\nsecond-ad,1,x\n", "utf-8")
    assert newshole("price", RULES, STORY, "--values", values) == Outcome(
        1,
        b"",
        f'{values}:2:1: unknown block "inline"; did you mean "inline-ad"?\n'
        f'{values}:2:8: expected the number of a copy, from 1, or "*", found "0"\n'
        f'{values}:3:13: expected a value per 1,000 views such as "2.40", found "x"\n',
    )


def test_values_that_cannot_be_read_are_refused(newshole: Newshole, tmp_path: Path) -> None:
    file = tmp_path / "cpm.csv"
    refused(
        newshole("price", RULES, STORY, "--values", file),
        f"cannot read the values in {file}: No such file or directory; give a CSV file",
    )
    file.write_bytes(b"\xff\xfe\x00")
    refused(
        newshole("price", RULES, STORY, "--values", file),
        f"cannot read the values in {file}: it is not text in UTF-8; give a CSV file",
    )


def test_the_json_is_documented(newshole: Newshole, values: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(b"")
    told = json.loads(newshole("price", RULES, STORY, page, "--values", values, "--json").out)
    chapter = DOCS.split("### price --json")[1].split("\n## ")[0]
    documented = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", chapter))))
    for cost in told["costs"]:
        cost["blocks"] = None  # its keys are blocks
    assert (told.pop("untouched"), told["pages"], told["currency"]) == ({"empty": 1}, 1, "EUR")
    assert _keys(told) <= documented


def test_pages_that_are_not_counted_are_told(newshole: Newshole, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(b"")
    outcome = newshole("price", RULES, page)
    assert outcome.code == 0
    assert "1 page not counted (empty): it is empty" in outcome.text


def test_a_fault_fails(newshole: Newshole, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LookupError("no plan")

    monkeypatch.setattr("newshole.review.price._Remembered.again", fail)
    outcome = newshole("price", RULES, STORY)
    assert (outcome.code, outcome.err.count("\n")) == (1, 1)
    assert "1 page not counted" in outcome.text


def test_the_table_of_the_documentation_is_read(newshole: Newshole, values: Path) -> None:
    (table,) = re.findall(r"^```csv\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)
    values.write_text(table, "utf-8")
    assert newshole("price", "newspaper", STORY, "--values", values).code == 0
