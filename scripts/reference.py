"""A hook of MkDocs: pages of the reference that are made from the code and the schema, so that none is ever
behind, and the README as the first page."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

import newshole
from newshole.cli import app
from newshole.rules.schema import schema as json_schema

ROOT: Final = Path(__file__).parents[1]

_WIDTH: Final = {"terminal_width": 100, "max_content_width": 100}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    made = {
        "index.md": _first_page(),
        "reference/commands.md": "\n".join(_commands()),
        "reference/keys.md": "\n".join(_keys(json_schema())),
        "reference/python.md": "\n".join(_python()),
    }
    for path, text in made.items():
        files.append(File.generated(config, path, content=text))
    return files


def _first_page() -> str:
    """The README, its links taken from where the docs are."""
    text = (ROOT / "README.md").read_text("utf-8")
    return re.sub(r"\]\(docs/", "](", text)


def _commands() -> Iterator[str]:
    """What each command's `--help` says."""
    yield "# Every option\n\nWhat `newshole COMMAND --help` says. [The command line](../cli.md) explains it."
    group = typer.main.get_command(app)
    context = typer.Context(group, info_name="newshole", **_WIDTH)
    for name in group.list_commands(context):  # type: ignore[attr-defined]
        command = group.get_command(context, name)  # type: ignore[attr-defined]
        own = typer.Context(command, info_name=name, parent=context, **_WIDTH)
        yield f"\n## newshole {name}\n\n```text\n{command.get_help(own).strip()}\n```"


def _keys(schema: Mapping[str, Any]) -> Iterator[str]:
    """Every key of every part of the rules, by the schema."""
    yield (
        "# Every key of the rules\n\nMade from the JSON Schema that `newshole schema` prints."
        " [Rules](../rules.md) and [blocks](../blocks.md) explain them.\n\n## The file"
    )
    yield from _part(schema)
    for name, part in sorted(schema["$defs"].items()):
        if part.get("properties"):
            yield f"\n## {_words(name)}\n"
            yield part.get("description", "")
            yield from _part(part)


def _part(part: Mapping[str, Any]) -> Iterator[str]:
    yield "\n| key | default | |\n|---|---|---|"
    needed = part.get("required", ())
    for key, said in part["properties"].items():
        default = "needed" if key in needed else f"`{said['default']}`" if "default" in said else ""
        yield f"| `{key}` | {default} | {_in_a_cell(said.get('description', ''))} |"


def _in_a_cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _words(name: str) -> str:
    """ "AdBlockDefaults" as "ad block defaults"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("Written")).capitalize()


def _python() -> Iterator[str]:
    """The public names and their docstrings."""
    yield "# Python\n\nWhat `import newshole` gives."
    for name in sorted(newshole.__all__):
        found = getattr(newshole, name)
        if not inspect.isclass(found):
            continue
        yield f"\n## {name}\n\n```python\n{name}{_signature(found)}\n```\n\n{inspect.getdoc(found) or ''}"
        for member, value in vars(found).items():
            if not member.startswith("_") and callable(getattr(found, member)) and inspect.getdoc(value):
                plain = inspect.getdoc(getattr(found, member))
                yield f"\n### {name}.{member}\n\n{plain}"


def _signature(found: type) -> str:
    try:
        return str(inspect.signature(found)).replace("'", "")
    except (TypeError, ValueError):
        return "(…)"
