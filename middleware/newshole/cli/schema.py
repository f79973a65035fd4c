"""`newshole schema`: the rules language as JSON Schema."""

from __future__ import annotations

import json

from newshole.cli.options.pages import OutOption
from newshole.cli.output import write
from newshole.rules.schema import schema as rules_schema


def schema(out: OutOption = None) -> None:
    """Write the rules' JSON Schema, for editors.

    With it, editors complete and check rules while people type.

    \b
      newshole schema -o newshole.schema.json

    The first line of a rules file then names it:

    \b
      # yaml-language-server: $schema=newshole.schema.json

    Exit codes: 0 when it is written, 2 when it cannot be.
    """
    write((json.dumps(rules_schema(), indent=2, ensure_ascii=False) + "\n").encode(), out)
