"""What the commands share that read the settings of sites and open a console for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, TypeAlias

from newshole.cli.options.records import setting
from newshole.cli.terminal import tell
from newshole.secrets import read_secret

if TYPE_CHECKING:
    from newshole.serving.console.preparing import Asked
    from newshole.serving.settings import Settings
    from newshole.serving.validation import SettingsError

WRONG: Final = 1
WRONG_USE: Final = 2
MOST_PORT: Final = 65_535

ConfigOption: TypeAlias = Annotated[
    Path | None,
    setting("config", "FILE", "A YAML file with these settings, for several sites too; options go over it."),
]


@dataclass(frozen=True, slots=True)
class ConsoleOptions:
    """Where the console listens."""

    PANEL: ClassVar[str] = "The console"

    console_port: Annotated[
        int | None, setting("console-port", "PORT", "Its port.  [default: 8002]", most=MOST_PORT)
    ] = None
    console_host: Annotated[
        str | None, setting("console-host", "HOST", "The address of that port.  [default: 127.0.0.1]")
    ] = None


def console_asked(options: ConsoleOptions, *, is_here: bool) -> Asked:
    """What the command line and the environment say of the console.

    Raises UsageError where a file with its password cannot be read.
    """
    from newshole.serving.console.preparing import PASSWORD, Asked

    return Asked(is_here, options.console_host, options.console_port, read_secret(PASSWORD))


def read_settings(config: Path | None, given: Mapping[str, object], asked: Asked) -> Settings:
    """The settings of a file with those of the command line over them, and nothing wrong with any.

    Raises RulesError, SettingsError and UsageError.
    """
    from newshole.serving import written
    from newshole.serving.console.preparing import with_console
    from newshole.serving.validation import validate

    base = written.ServeWritten() if config is None else written.read_file(config)
    settings = written.settings_of(written.over(base, given), secret=read_secret())
    settings = with_console(settings, asked)
    validate(settings)
    return settings


def tell_settings(error: SettingsError) -> int:
    """Say everything that is wrong with settings; the exit code."""
    for problem in error.problems:
        tell(str(problem), prefix="")
    for mistake in error.mistakes:
        tell(mistake)
    return WRONG if error.problems else WRONG_USE
