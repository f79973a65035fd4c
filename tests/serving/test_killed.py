"""Publishers and workers that are killed in the middle: the old or the new version, never a mix of them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from newshole.cdn.tags import rules_tag
from newshole.live.source import load_site
from tests.http.published import APP
from tests.http.servers import serving
from tests.live.rules import FIRST, SECOND, source_of, written
from tests.serving.servers import Served, connection, served
from tests.waiting import eventually

pytestmark = pytest.mark.slow

PATHS = [f"/news/{n}" for n in range(12)]
TAGS = {
    text: rules_tag(load_site(source_of(rules)).digest)
    for text, rules in (("first", FIRST), ("second", SECOND))
}


def version_at(newshole: Served, path: str) -> str:
    """What a page says, over a connection of its own; it is wholly of one version, whose tag it has."""
    with connection(newshole.port) as client:
        client.request("GET", path, headers={"Host": "news.example"})
        answer = client.getresponse()
        found = re.findall(r"<p>(first|second)</p>", answer.read().decode())
        tags = (answer.getheader("Surrogate-Key") or "").split()
    assert answer.status == 200
    if not found:
        return ""
    assert found == found[:1] * 3
    assert [each for each in tags if each.startswith("nh-rules-")] == [TAGS[found[0]]]
    return str(found[0])


def agreed(newshole: Served) -> dict[str, str]:
    """What each page says, once every worker says the same of it."""
    found: dict[str, str] = {}

    def is_agreed() -> bool:
        told = [{path: version_at(newshole, path) for path in PATHS} for _ in range(5)]
        found.update(told[0])
        return (
            len(newshole.pids()) == 2 and all(each == told[0] for each in told) and "" not in told[0].values()
        )

    eventually(is_agreed)
    return found


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "newshole", *map(str, arguments)]


@pytest.mark.parametrize("options", [(), ("--share", "50")], ids=["published", "staged"])
def test_whoever_is_killed_every_page_is_of_one_version_in_all_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setenv("NEWSHOLE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("NEWSHOLE_ARCHIVE", str(tmp_path / "archive"))
    config = written(tmp_path, "surrogate: Surrogate-Key\n", "serve.yaml")
    old, new = written(tmp_path / "old", FIRST), written(tmp_path / "new", SECOND)

    def finish(*arguments: str | Path) -> None:
        subprocess.run(command(*arguments), check=False, capture_output=True)

    finish("publish", old)
    with serving(APP) as paper:
        settings = ("--config", config, "--upstream", paper, "--rules", "published", "--workers", "2")
        with served(*settings) as newshole:
            assert set(agreed(newshole).values()) == {"first"}
            for delay in (0.6, 2.0):
                publishing = subprocess.Popen(
                    command("publish", new, *options), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
                time.sleep(delay)
                publishing.kill()
                publishing.wait()
                os.kill(next(iter(newshole.pids().values())), signal.SIGKILL)
                met = set(agreed(newshole).values())
                assert len(met) == 1 or options
                finish("stage", "halt", "--wait", "0")
                finish("publish", old, "--wait", "0")
                eventually(lambda: set(agreed(newshole).values()) == {"first"})
