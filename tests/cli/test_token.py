"""`newshole token` prints what the middleware believes."""

from __future__ import annotations

import time

import pytest

from newshole.http.links.forcing import arms_asked_for
from newshole.http.operators import is_operator
from tests.cli.conftest import Newshole


def test_a_token_is_one_that_the_site_believes(newshole: Newshole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSHOLE_SECRET", "of the newsroom")
    done = newshole("token", "--hours", "1")
    assert done.code == 0
    written = done.out.strip()
    assert is_operator(written, b"of the newsroom", time.time() + 3500)
    assert not is_operator(written, b"of the newsroom", time.time() + 3700)


def test_an_arm_is_shown_by_a_field_of_a_query(newshole: Newshole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSHOLE_SECRET", "of the newsroom")
    done = newshole("token", "--arm", "wider-gaps:wide", "--hours", "1")
    assert done.code == 0
    for moment, asked in ((3500, {"wider-gaps": "wide"}), (3700, {})):
        assert arms_asked_for(done.out.strip(), b"of the newsroom", time.time() + moment) == asked


@pytest.mark.parametrize("arm", ["wide", "a:", ":b", "A:b", "a:b:c", "a:b&c"])
def test_an_arm_has_an_experiment_and_a_name(
    newshole: Newshole, monkeypatch: pytest.MonkeyPatch, arm: str
) -> None:
    monkeypatch.setenv("NEWSHOLE_SECRET", "x")
    done = newshole("token", "--arm", arm)
    assert (done.code, done.out) == (2, b"")
    assert "such as wider-gaps:wide" in done.err


def test_without_a_secret_there_is_none(newshole: Newshole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSHOLE_SECRET", raising=False)
    done = newshole("token")
    assert (done.code, done.out) == (2, b"")
    assert done.err.count("\n") == 1
    assert "set NEWSHOLE_SECRET" in done.err


@pytest.mark.parametrize("hours", ["0", "-1", "1000", "nan"])
def test_a_token_holds_for_a_month_at_most(
    newshole: Newshole, monkeypatch: pytest.MonkeyPatch, hours: str
) -> None:
    monkeypatch.setenv("NEWSHOLE_SECRET", "x")
    done = newshole("token", "--hours", hours)
    assert (done.code, done.out) == (2, b"")
    assert "give more than 0" in done.err
