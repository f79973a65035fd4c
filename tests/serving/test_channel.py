"""What a worker says arrives as it was said."""

from __future__ import annotations

import pytest

from newshole.serving.channel import Failed, Message, Ready, Report, from_line, to_line
from newshole.serving.settings import Limits, Listening, Settings, SiteSettings, from_json, to_json


@pytest.mark.parametrize(
    "message",
    [
        Ready(),
        Failed("two\nlines"),
        Report(("a", "b"), requests=3, connections=2, unready="draining", metrics="# HELP\n"),
    ],
)
def test_a_message_is_one_line_and_arrives_as_it_was(message: Message) -> None:
    line = to_line(message)
    assert line.count(b"\n") == 1
    assert from_line(line) == message


def test_settings_are_one_line_and_arrive_as_they_were() -> None:
    settings = Settings(
        sites=(SiteSettings("http://127.0.0.1:8080", "rules/", ("news.example",)),),
        listening=Listening(port=1, unix="/run/x", admin_port=2),
        limits=Limits(grace=1, connections=5),
        workers=3,
        trusted=("10.0.0.0/8",),
        redis="redis://:secret@host",
        secret="line\nend",  # noqa: S106 - a test's
        prefix=None,
    )
    line = to_json(settings)
    assert "\n" not in line
    assert from_json(line.encode()) == settings


def test_settings_show_no_secret() -> None:
    shown = repr(Settings((), redis="redis://:hidden@host", secret="hidden"))  # noqa: S106 - a test's
    assert "hidden" not in shown
