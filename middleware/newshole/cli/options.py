"""The arguments and options that several commands share."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import typer

NEWSPAPER: Final = "newspaper"
"""The pack that serves where no rules are named."""

Device: TypeAlias = Literal["mobile", "desktop"]

PageArgument: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="FILE|URL", help='An HTML file, an http(s) address, or "-" for standard input.'),
]
RulesOption: TypeAlias = Annotated[
    str, typer.Option("--rules", metavar="RULES", help="A rules file, a folder of them, or a pack's name.")
]
UrlOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help="The page's address, for rules that look at host or path.",
        show_default=False,
    ),
]
DeviceOption: TypeAlias = Annotated[Device, typer.Option("--device", help="The reader's device.")]
OutOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="OUT", help="Write to this file, over an older one.", show_default=False
    ),
]
