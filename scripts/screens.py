"""Take the pictures of the console that the README shows: python scripts/screens.py

The demo is started, its console is opened in Chromium by the link that it prints, and Preview and Why of one
story are kept in `docs/assets`. It needs the extra `measure`, a Chromium, and Pillow.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from PIL import Image

from newshole.cli.chromium import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page

ASSETS: Final = Path(__file__).parents[1] / "docs" / "assets"
STORY: Final = "/business/night-ferries-return"
WINDOW: Final = {"width": 1366, "height": 860}
SCREENS: Final = {
    "console-preview": f"preview?url={STORY}&block=inline-ad&gap=9",
    "console-why": f"why?url={STORY}&block=inline-ad",
}
QUALITY: Final = 80
SETTLED: Final = 4000
"""Milliseconds until the frames have loaded and what is chosen lights up in them."""


def main() -> None:
    """Take all pictures."""
    with demo() as link, chromium() as browser:
        page = browser.new_context(viewport=WINDOW, color_scheme="light").new_page()  # type: ignore[arg-type]
        page.goto(link)
        page.wait_for_url("**/_newshole/*/**")
        for name, path in SCREENS.items():
            keep(page, urljoin(page.url, path), ASSETS / f"{name}.webp")


def keep(page: Page, address: str, file: Path) -> None:
    """Keep a picture of a screen once everything on it is there."""
    page.goto(address, wait_until="load")
    page.wait_for_timeout(SETTLED)
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.save(file, quality=QUALITY, method=6)
    sys.stdout.write(f"{file.name}: {file.stat().st_size / 1024:.0f} KB\n")


@contextmanager
def demo() -> Iterator[str]:
    """The demo at work, and the link that signs in to its console."""
    command = [sys.executable, "-m", "newshole", "demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        said = ""
        while "Ctrl-C" not in said and process.stdout and (line := process.stdout.readline()):
            said += line
        try:
            yield re.findall(r"http://\S+/sign-in\?key=\S+", said)[0]
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
