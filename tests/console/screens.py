"""Screens as a test reads them."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from httpx import Client, Response

from tests.console.newsroom import Newsroom


def shown(answer: Response) -> BeautifulSoup:
    """A screen that was answered, as elements."""
    return BeautifulSoup(answer.text, "lxml")


def said(element: Tag | None) -> str:
    """What an element says, with white space folded; "" for none."""
    return "" if element is None else " ".join(element.get_text(" ").split())


def opened(room: Newsroom, client: Client, path: str) -> BeautifulSoup:
    """A screen that can be shown."""
    answer = client.get(room.screen(path))
    assert answer.status_code == 200, answer.text
    return shown(answer)
