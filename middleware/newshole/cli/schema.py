"""`newshole schema`: the rules language as JSON Schema."""

from __future__ import annotations

from newshole.cli.options import OutOption


def schema(out: OutOption = None) -> None:
    """Write the JSON Schema of the rules, with which editors complete and check them while people type.

    \b
      newshole schema -o newshole.schema.json

    The first line of a rules file then names it:

    \b
      # yaml-language-server: $schema=newshole.schema.json

    Exit codes: 0 when it is written, 2 when it cannot be.
    """
    import json

    from newshole.cli.output import write
    from newshole.rules.schema import schema as rules_schema

    write((json.dumps(rules_schema(), indent=2, ensure_ascii=False) + "\n").encode(), out)
