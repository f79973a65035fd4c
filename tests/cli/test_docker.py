"""The image and the set of services: what can be checked where no container runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import typer
from ruamel.yaml import YAML

from newshole.cli import app
from newshole.demo.origin import origin
from newshole.secrets import SECRET
from newshole.serving.console.preparing import PASSWORD
from newshole.serving.process import MARGIN
from newshole.serving.settings import CONSOLE_PORT, Limits
from newshole.serving.written import read_file
from tests.cli.test_demo import demo
from tests.http.servers import serving
from tests.serving.servers import served
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
SETTINGS = ROOT / "docs" / "deploy" / "console.yaml"
MOUNTED = "/etc/newshole/serve.yaml"


def services() -> dict[str, Any]:
    composed: dict[str, Any] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text("utf-8"))
    found: dict[str, Any] = composed["services"]
    return found


def instruction(name: str) -> list[str]:
    """The last instruction of a name in the form of a JSON list."""
    found: list[str] = json.loads(
        re.findall(rf"^ *{name} (?:.*CMD )?(\[.*\])$", DOCKERFILE, re.MULTILINE)[-1]
    )
    return found


def health_check() -> list[str]:
    lines = DOCKERFILE.split("HEALTHCHECK", 1)[1]
    found: list[str] = json.loads(lines.split("CMD ", 1)[1].split("\n", 1)[0])
    return found


def test_the_services_are_redis_the_origin_newshole_and_its_console() -> None:
    assert list(services()) == ["redis", "origin", "newshole", "console"]


def test_every_service_is_hardened_and_no_port_is_open_to_other_machines() -> None:
    for service in services().values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_redis_is_bounded_and_watched() -> None:
    redis = services()["redis"]
    command = redis["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "volatile-lru"
    assert "--maxmemory" in command
    assert redis["healthcheck"]["test"] == ["CMD", "redis-cli", "ping"]


def test_newshole_uses_the_redis_that_is_there() -> None:
    told, in_console = (services()[name]["environment"] for name in ("newshole", "console"))
    assert told["NEWSHOLE_REDIS"] == "redis://redis:6379/0"
    for name in ("UPSTREAM", "CONFIG", "REDIS", "STATE", "SECRET"):
        assert told[f"NEWSHOLE_{name}"] == in_console[f"NEWSHOLE_{name}"]


@pytest.mark.parametrize("command", ["serve", "console"])
def test_what_the_services_are_told_is_read_by_their_commands(command: str) -> None:
    service = next(each for each in services().values() if each.get("command") == [command])
    options = typer.main.get_command(app).commands[command].params  # type: ignore[attr-defined]  # it is a group
    known = {each.envvar for each in options} | {SECRET, PASSWORD}
    assert set(service["environment"]) <= known


def test_what_is_waited_for_has_a_health_check() -> None:
    for waiting in ("newshole", "console"):
        waited_for = services()[waiting]["depends_on"]
        assert {name: each["condition"] for name, each in waited_for.items()} == {
            "redis": "service_healthy",
            "origin": "service_healthy",
        }
        assert services()["origin"]["image"] == services()[waiting]["image"]


def test_the_console_is_asked_for_and_shares_the_settings_of_newshole() -> None:
    console, newshole = services()["console"], services()["newshole"]
    assert console["profiles"] == ["console"]
    assert console["volumes"] == newshole["volumes"] == [f"./{SETTINGS.relative_to(ROOT)}:{MOUNTED}:ro"]
    assert (newshole["command"], console["command"]) == (["serve"], ["console"])
    assert newshole["environment"]["NEWSHOLE_CONFIG"] == console["environment"]["NEWSHOLE_CONFIG"] == MOUNTED
    told = read_file(SETTINGS).console
    assert told is not None
    assert (told.host, told.public) == ("0.0.0.0", "http://localhost:8003")  # noqa: S104 - as in the container
    assert console["ports"] == [f"127.0.0.1:8003:{CONSOLE_PORT}"]
    assert f"127.0.0.1:{CONSOLE_PORT}/_newshole/health" in console["healthcheck"]["test"][-1]


def test_the_image_runs_without_privileges_and_holds_no_secret() -> None:
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert users == ["10001"]
    assert not re.search(r"secret|password|token|api_?key", DOCKERFILE, re.IGNORECASE)


def test_everything_that_is_copied_into_the_image_is_there() -> None:
    allowed = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for line in re.findall(r"^COPY ((?!--).*) \S+$", DOCKERFILE, re.MULTILINE):
        for name in line.split():
            assert (ROOT / name).exists()
            assert f"!{name}" in allowed


def test_the_image_starts_the_demo_and_the_service_a_proxy() -> None:
    commands = [each.name for each in app.registered_commands]
    assert instruction("ENTRYPOINT") == ["newshole"]
    assert instruction("CMD")[0] == "demo"
    assert services()["newshole"]["environment"]["NEWSHOLE_UPSTREAM"] == "http://origin:8000"
    assert {"demo", "serve", "console"} <= set(commands)


def test_requests_in_flight_have_time_before_a_container_is_killed() -> None:
    grace = services()["newshole"]["stop_grace_period"]
    assert int(grace.removesuffix("s")) > Limits().grace + MARGIN


@pytest.mark.slow
def test_the_service_composes_the_newspaper_and_its_health_check_holds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The command of the service, on ports that are free, in front of an origin of our own."""
    with serving(origin()) as address:
        own = {
            "NEWSHOLE_STATE": str(tmp_path),
            "NEWSHOLE_UPSTREAM": address,
            "NEWSHOLE_CONFIG": str(SETTINGS),
            "NEWSHOLE_ADMIN_PORT": "0",
        }
        elsewhere = ("NEWSHOLE_REDIS", "NEWSHOLE_SECRET")
        for name, value in (services()["newshole"]["environment"] | own).items():
            if name not in elsewhere:
                monkeypatch.setenv(name, str(value))
        with served() as newshole:
            placed = newshole.get("/world/talks-after-the-cable-was-cut")[1]
            assert 'data-newshole="inline-ad"' in placed
            _, *check = health_check()
            check = [sys.executable, *(each.replace("8000", str(newshole.port)) for each in check)]
            assert subprocess.run(check, check=False).returncode == 0
            newshole.end()
            assert subprocess.run(check, check=False, stderr=subprocess.DEVNULL).returncode == 1


@pytest.mark.slow
def test_the_health_check_tells_a_demo_that_serves_from_one_that_is_gone() -> None:
    python, *arguments = health_check()
    assert python == "python"
    with demo("--host", "0.0.0.0") as (process, address, _):  # noqa: S104 - as in the container
        port = address.rpartition(":")[2]
        check = [sys.executable, *(each.replace("8000", port) for each in arguments)]
        assert subprocess.run(check, check=False).returncode == 0
        process.terminate()
        process.communicate(timeout=PATIENCE)
        assert subprocess.run(check, check=False, stderr=subprocess.DEVNULL).returncode == 1


@pytest.mark.slow
def test_the_origin_serves_the_newspaper_without_blocks(free_port: int) -> None:
    service = services()["origin"]
    arguments = [*service["entrypoint"][1:], *service["command"]]
    arguments[arguments.index("--port") + 1] = str(free_port)
    with subprocess.Popen([sys.executable, *arguments]) as process:
        try:
            page = _get(f"http://127.0.0.1:{free_port}/world/talks-after-the-cable-was-cut", process)
        finally:
            process.terminate()
    assert "<article" in page
    assert "data-newshole" not in page


def _get(url: str, process: subprocess.Popen[bytes]) -> str:
    """The page, once the server has started."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310 - our own
                return str(answer.read(), "utf-8")
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
