"""What axe, the checker of accessibility, says of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from axe_playwright_python.base import AXE_SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE: Final = """async () => {
  const {violations, passes} = await axe.run({rules: {"target-size": {enabled: true}}});
  return {
    violations: violations.flatMap(({id, nodes}) => nodes.map(({html}) => [id, html])),
    passes: passes.map(({id}) => id),
  };
}"""


def violations(page: Page) -> dict[str, Any]:
    """What axe finds wrong, as rule and markup; and which rules it found kept."""
    page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = page.evaluate(AXE)
    return found
