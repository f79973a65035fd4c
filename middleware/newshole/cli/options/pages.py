"""The arguments and options of the commands that look at pages and rules."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

import typer

from newshole.errors import UsageError
from newshole.types import DEVICES

NEWSPAPER: Final = "newspaper"
"""The pack that serves where no rules are named."""


def known_device(device: str | None) -> str | None:
    """The device, if it is one, or None. Raises UsageError where there is no such device."""
    if device is not None and device not in DEVICES:
        raise UsageError(f'unknown device "{device}": give {" or ".join(DEVICES)}')
    return device


# Arguments are told of in the text of each command's help.
PageArgument: TypeAlias = Annotated[str, typer.Argument(metavar="PAGE", hidden=True)]
RulesArguments: TypeAlias = Annotated[list[str], typer.Argument(metavar="RULES", hidden=True)]

RulesOption: TypeAlias = Annotated[
    str, typer.Option("--rules", metavar="RULES", help="A rules file, a folder of them, or a pack's name.")
]
UrlOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help="The page's address, for rules that look at host or path.  [default: where it was fetched]",
        show_default=False,
    ),
]
DeviceOption: TypeAlias = Annotated[
    str,
    typer.Option("--device", metavar="|".join(DEVICES), help="The reader's device.", callback=known_device),
]
ReaderOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--reader", metavar="ID", help="The reader's id, which experiments assign by.", show_default=False
    ),
]
ArmsOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--arm",
        metavar="EXPERIMENT:ARM",
        help="Show this arm of an experiment, whoever reads; repeatable.",
        show_default=False,
    ),
]
PagesArgument: TypeAlias = Annotated[list[str] | None, typer.Argument(metavar="PAGES", hidden=True)]
UrlsOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--urls",
        metavar="FILE",
        help='A list of pages, a line each: an address, or a file and its address. "#" begins a remark.',
        show_default=False,
    ),
]
ShowOption: TypeAlias = Annotated[
    int, typer.Option("--show", metavar="N", min=0, help="Show so many pages; the figures are of all.")
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Everything, as one JSON document.")]
OutOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="OUT", help="Write to this file, over an older one.", show_default=False
    ),
]
