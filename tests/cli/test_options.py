"""Options as records, their headings in the help, and the environment that they are read from."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, ClassVar

import pytest
import typer
from typer.testing import CliRunner

from newshole.cli import app
from newshole.cli.help import Command
from newshole.cli.options.records import setting, spread, switched
from newshole.cli.options.serving import (
    BoundOptions,
    KeptOptions,
    ListeningOptions,
    PageOptions,
    SiteOptions,
    given,
)
from newshole.serving.written import ServeWritten

RECORDS = (SiteOptions, KeptOptions, ListeningOptions, PageOptions, BoundOptions)

SETTINGS = {"redis", "archive", "name", "library", "journal", "author", "config"}
"""What every command reads from the environment that has it."""


@dataclass(frozen=True, slots=True)
class Way:
    """How one travels."""

    PANEL: ClassVar[str] = "The way"

    speed: Annotated[int | None, setting("speed", "KMH", "How fast.", most=300)] = None
    by_night: Annotated[bool | None, switched("by-night", "In the dark.")] = None


def travel(
    where: Annotated[str, typer.Argument(metavar="PLACE")],
    way: Way,
    often: Annotated[int, typer.Option()] = 1,
) -> None:
    """Say how one travels."""
    typer.echo(f"{where} {way} {often}")


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


@pytest.fixture
def journey() -> typer.Typer:
    """A command with a record among its parameters."""
    own = typer.Typer(add_completion=False, rich_markup_mode=None)
    own.command(cls=Command)(spread(travel))
    return own


def test_a_command_gets_the_record_of_its_options(runner: CliRunner, journey: typer.Typer) -> None:
    told = runner.invoke(journey, ["Ulm", "--speed", "80", "--no-by-night", "--often", "2"])
    assert told.output == f"Ulm {Way(80, by_night=False)} 2\n"
    assert runner.invoke(journey, ["Ulm"]).output == f"Ulm {Way()} 1\n"


def test_settings_are_read_from_the_environment_and_options_go_over_them(
    runner: CliRunner, journey: typer.Typer
) -> None:
    environment = {"NEWSHOLE_SPEED": "80", "NEWSHOLE_BY_NIGHT": "true", "NEWSHOLE_OFTEN": "9"}
    told = runner.invoke(journey, ["Ulm"], env=environment)
    assert told.output == f"Ulm {Way(80, by_night=True)} 1\n"
    assert "speed=20" in runner.invoke(journey, ["Ulm", "--speed", "20"], env=environment).output
    assert "speed=None" in runner.invoke(journey, ["Ulm"], env={"NEWSHOLE_SPEED": ""}).output


def test_the_help_has_options_under_headings_and_names_the_environment(
    runner: CliRunner, journey: typer.Typer
) -> None:
    told = runner.invoke(journey, ["--help"]).output
    rest, way = told.split("\nOptions:\n")[1].split("\nThe way:\n")
    assert "--speed KMH" in way
    assert "--by-night / --no-by-night" in way
    assert "--often" in rest
    assert way.endswith("not given:\n  NEWSHOLE_SPEED, NEWSHOLE_BY_NIGHT\n")


def test_every_setting_has_its_option() -> None:
    options = {option.name for record in RECORDS for option in fields(record)}
    assert options == set(ServeWritten.key_names()) - {"sites", "console"}


def test_what_is_a_number_or_a_word_is_read_as_either() -> None:
    told = given(
        BoundOptions(workers="3"), PageOptions(flush_after="never", plan_budget="0.5"), SiteOptions()
    )
    assert told == {"workers": 3, "flush_after": "never", "plan_budget": 0.5}


def test_all_of_a_site_comes_from_the_environment_by_one_name_each() -> None:
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]  # it is a group
        for option in command.params:
            if option.envvar is not None:
                flag = option.opts[0].removeprefix("--").replace("-", "_")
                assert option.envvar == f"NEWSHOLE_{flag.upper()}"
            else:
                assert option.name not in SETTINGS, (name, option.name)
