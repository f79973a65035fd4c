"""The dashboard and the alerts ask for what newshole tells, in words that Prometheus understands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from newshole.http.metrics import METRICS as OF_PAGES
from newshole.serving.metrics import METRICS as OF_SERVERS

ROOT: Final = Path(__file__).parents[2]
DEPLOY: Final = ROOT / "docs" / "deploy"
DASHBOARD: Final[dict[str, Any]] = json.loads((DEPLOY / "grafana-dashboard.json").read_text("utf-8"))

SUFFIXES: Final = ("_total", "_bucket", "_sum", "_count")
"""What Prometheus puts behind the name of a counter or a histogram."""

promtool: Final = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="needs promtool of Debian's package prometheus"
)


def panels() -> Iterator[dict[str, Any]]:
    return (each for each in DASHBOARD["panels"] if each["type"] != "row")


def asked_by_dashboard() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel["targets"]]


def asked_by_alerts() -> list[str]:
    groups = YAML(typ="safe").load(DEPLOY / "alerts.yaml")["groups"]
    return [rule["expr"] for group in groups for rule in group["rules"]]


@pytest.mark.parametrize("asked", [*asked_by_dashboard(), *asked_by_alerts()])
def test_every_metric_that_is_asked_for_is_told(asked: str) -> None:
    told = OF_PAGES.keys() | OF_SERVERS.keys()
    for name in re.findall(r"\bnewshole_\w+", asked):
        bare = next((name.removesuffix(each) for each in SUFFIXES if name.removesuffix(each) in told), name)
        assert bare in told


def test_every_metric_of_pages_is_on_the_dashboard_but_those_that_say_little_over_time() -> None:
    shown = " ".join(asked_by_dashboard())
    quiet = {"newshole_library_events", "newshole_page_cache_refused", "newshole_page_cache_events",
             "newshole_page_cache_bytes", "newshole_proxy_events"}  # fmt: skip
    assert {each for each in OF_PAGES if each not in shown} == quiet


def test_panels_have_titles_of_their_own_and_do_not_lie_over_each_other() -> None:
    titles = [panel["title"] for panel in panels()]
    assert len(set(titles)) == len(titles)
    taken = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(taken)) == len(taken)
    assert max(x for x, _ in taken) < 24


@promtool
def test_prometheus_understands_what_the_dashboard_asks(tmp_path: Path) -> None:
    rules = [
        {"record": f"asked:{number}", "expr": asked.replace("$job", ".+")}
        for number, asked in enumerate(asked_by_dashboard())
    ]
    file = tmp_path / "asked.json"  # JSON is YAML
    file.write_text(json.dumps({"groups": [{"name": "asked", "rules": rules}]}), "utf-8")
    told = subprocess.run(["promtool", "check", "rules", file], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


@promtool
def test_alerts_go_off_when_they_should_and_not_before() -> None:
    tests = Path(__file__).with_name("alerts_test.yaml")
    told = subprocess.run(["promtool", "test", "rules", tests], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_every_alert_says_what_to_do() -> None:
    groups = YAML(typ="safe").load(DEPLOY / "alerts.yaml")["groups"]
    for rule in (rule for group in groups for rule in group["rules"]):
        assert rule["labels"]["severity"] in ("info", "warning", "critical")
        assert rule["annotations"].keys() == {"summary", "action"}
