"""Small rules to publish, and a page to see which are in service."""

from __future__ import annotations

from pathlib import Path

from newshole.live.source import Source

FIRST = """
site: Example
articles:
  - path: /news/**
blocks:
  inline: {kind: html, html: "<p>first</p>", place: {after: paragraph, nth: [1, 3]}}
  spot: {kind: html, html: "<p>first</p>", place: {after: paragraph, nth: 5}}
"""
SECOND = FIRST.replace("first", "second")
WRONG = FIRST + "  bad: {kind: html, place: nowhere}\n"
SECRETIVE = FIRST.replace("spot: {kind: html", 'spot: {kind: source, source: "https://w.example/${NH_KEY}"')


def source_of(text: str) -> Source:
    """Rules of one file."""
    return Source("site.yaml", {"site.yaml": text})


def written(folder: Path, text: str, name: str = "site.yaml") -> Path:
    """A file with this text."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
