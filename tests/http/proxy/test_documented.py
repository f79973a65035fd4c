"""docs/proxy.md names everything that can be set and everything that is counted."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from newshole.http.proxy import Limits, Upstream
from newshole.http.proxy.faults import FAULTS, REASONS

DOCS = (Path(__file__).resolve().parents[3] / "docs" / "proxy.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, str]:
    """The rows of the table under a heading, by what their first cell names."""
    section = DOCS.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `([\w-]+)` \|\s*([^|]*?)\s*\|", section, re.MULTILINE))


def test_every_reason_is_documented_with_its_status() -> None:
    told = rows("What is counted")
    assert set(told) == set(REASONS)
    assert {name: told[name] for name in FAULTS} == {
        name: f"{fault.status}" for name, fault in FAULTS.items()
    }


def test_every_limit_is_documented_with_its_default() -> None:
    told = rows("Limits")
    assert list(told) == [each.name for each in fields(Limits)]
    for each in fields(Limits):
        number = {"none": None, "4 MiB": 4 * 1024**2}.get(told[each.name], told[each.name])
        assert str(number).replace(",", "") == str(each.default).removesuffix(".0")


@pytest.mark.parametrize("name", [each.name for each in fields(Upstream)])
def test_what_can_be_said_of_an_upstream_is_documented(name: str) -> None:
    assert name in rows("Upstreams")
