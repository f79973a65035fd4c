"""The console as a process of its own, which the parent starts, tells and ends as it does a worker:
`python -m newshole.console.process NUMBER CHANNEL LISTENER`."""

from __future__ import annotations

from typing import Final

from newshole.console.app import console_app
from newshole.console.opening import open_desk
from newshole.serving.admission import Admission
from newshole.serving.app import Served
from newshole.serving.health import Unready
from newshole.serving.settings import Settings
from newshole.serving.worker import main

REQUESTS: Final = 64
"""Requests that are answered at once; a newsroom has few."""


def build(settings: Settings, _: Unready) -> Served:
    """The console's app. Raises UsageError where a site's settings are wrong."""
    admission = Admission(console_app(open_desk(settings)), most=REQUESTS)
    return Served(admission, admission, ())


if __name__ == "__main__":
    main(build, "console")
