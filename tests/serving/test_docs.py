"""`docs/serving.md` tells of every setting, metric, reason and path, and of none that there is not."""

from __future__ import annotations

import re
from inspect import signature
from pathlib import Path
from textwrap import dedent

from newshole.http import Newshole
from newshole.serving.admin import admin_app
from newshole.serving.console.written import ConsoleWritten, IdentityWritten, UserWritten
from newshole.serving.metrics import METRICS
from newshole.serving.process import STATES
from newshole.serving.protocol import CLOSED
from newshole.serving.settings import ROLES, Console, Limits, Listening
from newshole.serving.totals import ADDED, SHARED
from newshole.serving.written import ServeWritten, SiteWritten, read_file

FOLDER = Path(__file__).parents[2] / "docs"
DOCS = (FOLDER / "serving.md").read_text("utf-8")
CONSOLE = (FOLDER / "console.md").read_text("utf-8")


def rows(heading: str, docs: str = DOCS) -> dict[str, str]:
    """The first two cells of each row under a heading row, the names of the first one by one."""
    table = docs.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    cells = re.findall(r"^\| (`[^|]+) \|([^|]*)\|", table, re.MULTILINE)
    return {name: second.strip() for first, second in cells for name in re.findall(r"`([^`]+)`", first)}


def test_every_setting_is_documented_with_its_default() -> None:
    told = rows("key")
    assert set(told) == set(ServeWritten.key_names())
    limits, listening = Limits(), Listening()
    assert told["grace"] == str(limits.grace)
    assert told["head_timeout"] == str(limits.head)
    assert told["idle_timeout"] == str(limits.idle)
    assert told["head_bytes"] == str(limits.head_bytes)
    assert told["requests"] == str(limits.requests)
    assert told["host"] == f"{listening.host}, {listening.port}"


def test_all_that_the_middleware_takes_is_a_setting_or_is_seen_to() -> None:
    taken = set(signature(Newshole).parameters)
    seen_to = DOCS.split("`newshole serve` sees to itself:", 1)[1].split("\n\n", 1)[0]
    by_itself = {"app", "site", "store", "watch", "metrics", "ask_uncompressed"}
    assert taken - set(ServeWritten.key_names()) == by_itself | {"secret"}
    assert all(f"`{name}`" in seen_to for name in by_itself)


def test_the_example_can_be_read(tmp_path: Path) -> None:
    example = DOCS.split("```yaml\n", 1)[1].split("```", 1)[0]
    file = tmp_path / "serve.yaml"
    file.write_text(example, "utf-8")
    sites = read_file(file).sites
    assert sites is not None
    assert {key for site in sites for key in site.model_fields_set} == set(SiteWritten.key_names())


def test_every_setting_of_the_console_is_documented_with_its_default() -> None:
    told = rows("console key", CONSOLE)
    assert set(told) == set(ConsoleWritten.key_names())
    default = Console()
    assert told["host"] == f"{default.host}, {default.port}"
    for model in (UserWritten, IdentityWritten):
        assert all(f"`{key}`" in CONSOLE for key in model.key_names())
    assert set(rows("role", CONSOLE)) == set(ROLES)


def test_the_examples_of_the_console_can_be_read(tmp_path: Path) -> None:
    examples = re.findall(r"^( *)```yaml\n(.*?)^\1```", CONSOLE, re.MULTILINE | re.DOTALL)
    assert len(examples) == 2
    for _, example in examples:
        file = tmp_path / "serve.yaml"
        file.write_text(dedent(example), "utf-8")
        assert read_file(file).console is not None


def test_every_metric_is_documented() -> None:
    told = {name.removesuffix("_total") for name in rows("metric")}
    assert told == set(METRICS)


def test_what_becomes_of_gauges_is_documented() -> None:
    for name in ADDED | SHARED:
        assert f"`{name}`" in DOCS


def test_every_reason_and_state_is_documented() -> None:
    for name in (*CLOSED, *STATES[:-1]):
        assert f"`{name}`" in DOCS


def test_every_path_of_the_admin_port_is_documented() -> None:
    app = admin_app(None)  # type: ignore[arg-type]  # its routes are looked at, none is asked
    assert {getattr(route, "path", "") for route in app.routes} == set(rows("path"))
