"""newshole puts ads, follow calls and stories into a news site's pages, by rules.

Mount `Newshole` in front of an ASGI app, or give pages to a `Site` by hand.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

from newshole.version import VERSION

if TYPE_CHECKING:
    from newshole.errors import NewsholeError as NewsholeError
    from newshole.errors import Problem as Problem
    from newshole.errors import RulesError as RulesError
    from newshole.errors import UsageError as UsageError
    from newshole.http import Newshole as Newshole
    from newshole.site import Composition as Composition
    from newshole.site import Site as Site
    from newshole.types import Decision as Decision
    from newshole.types import Facts as Facts
    from newshole.types import Insertion as Insertion
    from newshole.types import Reader as Reader
    from newshole.types import Reason as Reason
    from newshole.types import Story as Story
    from newshole.types import Weather as Weather

__version__ = VERSION

_HOMES: Final = {
    "newshole.errors": ("NewsholeError", "Problem", "RulesError", "UsageError"),
    "newshole.http": ("Newshole",),
    "newshole.site": ("Composition", "Site"),
    "newshole.types": ("Decision", "Facts", "Insertion", "Reader", "Reason", "Story", "Weather"),
}
"""Where what the package is used by stands. A command or a console that needs one module of it imports that,
and not all that composes pages."""

__all__ = sorted(name for names in _HOMES.values() for name in names)


def __getattr__(name: str) -> object:
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
