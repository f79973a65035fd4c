"""Options that belong together, as records: a command takes a record, and Typer sees its fields.

A record is a frozen dataclass whose fields are annotated as the parameters of a command are. Its `PANEL`
heads them in the command's help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import fields, is_dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, ClassVar, Protocol, TypeAlias, get_args, get_type_hints

import typer

Command: TypeAlias = Callable[..., None]


class Record(Protocol):
    """Options under one heading of a command's help."""

    PANEL: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


def variable(option: str) -> str:
    """The environment variable that an option is read from where it is not given."""
    return f"NEWSHOLE_{option.replace('-', '_').upper()}"


def setting(name: str, metavar: str, about: str, *, most: int | None = None) -> Any:  # noqa: ANN401 - what Typer's own function gives
    """An option that says where or how a site runs: it is also read from the environment. `most` is the
    largest number, 0 being the smallest."""
    return typer.Option(
        f"--{name}",
        metavar=metavar,
        envvar=variable(name),
        show_envvar=False,
        help=about,
        show_default=False,
        min=None if most is None else 0,
        max=most,
    )


def switched(name: str, about: str) -> Any:  # noqa: ANN401 - what Typer's own function gives
    """The same where it says yes or no."""
    return typer.Option(
        f"--{name}/--no-{name}",
        envvar=variable(name),
        show_envvar=False,
        help=about,
        show_default=False,
    )


def spread(command: Command) -> Command:
    """The command with the fields of its records in their place, each an option of its own."""
    records: dict[str, type[Record]] = {}
    flat: list[Parameter] = []
    for each in signature(command, eval_str=True).parameters.values():
        if is_dataclass(each.annotation):
            record: Any = each.annotation
            records[each.name] = record
            flat += _options(record)
        else:
            flat.append(each.replace(kind=Parameter.KEYWORD_ONLY))

    @wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401 - what the command line says
        made = {
            name: kind(**{each.name: given.pop(each.name) for each in fields(kind)})
            for name, kind in records.items()
        }
        command(**given, **made)

    run.__annotations__ = {each.name: each.annotation for each in flat}
    run.__signature__ = Signature(flat)  # type: ignore[attr-defined]  # what `inspect` looks for first
    return run


def _options(record: type[Record]) -> Iterator[Parameter]:
    """The fields of a record as parameters, each below the record's heading."""
    hints = get_type_hints(record, include_extras=True)
    for field in fields(record):
        kind, option = get_args(hints[field.name])
        option = copy(option)
        option.rich_help_panel = record.PANEL
        yield Parameter(
            field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=Annotated[kind, option]
        )
