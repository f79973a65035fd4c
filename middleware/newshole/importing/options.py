"""The options of a block of Ad Inserter, with the defaults that it leaves out of its settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from newshole.importing.export import Settings

_OFF: Final = "0"
_DEFAULTS: Final = {
    "display_type": "0",
    "paragraph_number": "1",
    "paragraph_tags": "p",
    "avoid_action": "1",
    "avoid_try_limit": "1",
    "avoid_direction": "3",
    "server_side_insertion": "13",
    "inside_element": "1",
    "paragraph_text_type": "1",
    "weekdays": "0,1,2,3,4,5,6",
    "display_on_posts": "1",
    "enable_ajax": "1",
    "enable_widget": "1",
    "exceptions_function": "1",
    "animation-out-trigger": "5",
    "client_side_action": "1",
}
"""Those that are neither empty nor 0."""

_WORDS: Final = {
    "display_type": {
        "None": "0", "Manual": "0", "Widget": "0", "Before Title": "1", "Before Post": "1",
        "After Post": "2", "Before Content": "3", "After Content": "4", "Before Paragraph": "5",
        "After Paragraph": "6", "Before Excerpt": "7", "After Excerpt": "8", "Between Posts": "9",
    },
    "direction_type": {"From Top": "0", "From Bottom": "1"},
    "alignment_type": {
        "None": "0", "Align Left": "1", "Align Right": "2", "Center": "3", "Float Left": "4",
        "Float Right": "5", "No Wrapping": "6", "Custom CSS": "7",
    },
    "paragraph_text_type": {"contain": "0", "do not contain": "1"},
    "avoid_action": {"do not insert": "0", "try to shift position": "1"},
    "avoid_direction": {
        "above": "0", "below": "1", "above and then below": "2", "below and then above": "3",
    },
    "display_for_users": {
        "all": "0", "all users": "0", "logged in": "1", "logged in users": "1", "not logged in": "2",
        "not logged in users": "2", "administrators": "3",
    },
    "display_for_devices": {
        "all": "all", "desktop": "0", "mobile": "1", "tablet": "2", "phone": "3",
        "desktop and tablet": "4", "desktop and phone": "5",
    },
    "filter_type": {
        "Auto": "0", "PHP function calls": "1", "Content processing": "2", "Excerpt processing": "3",
        "Before post processing": "4", "After post processing": "5", "Widget drawing": "6",
        "Subpages": "7", "Posts": "8", "Comments": "10",
    },
}  # fmt: skip
"""What versions before 2.2 wrote in the place of numbers."""

_LIST_TYPES: Final = {"Black List": "0", "White List": "1"}
_INSIGNIFICANT: Final = frozenset(
    "name GENERATED_CODE enable_ajax disable_caching only_in_the_loop embed_js client_side_action "
    "server_side_insertion html_insertion general_tag import import_name "
    "check_only_tag_attr filter_type count_inside_el_contain animation-out-trigger horizontal_position "
    "count_inside exceptions_function vertical_position disabled iframe_width iframe_height".split()
)
"""About the plugin itself, its editor and its caches, or the shade of another option that is told."""


class Options:
    """One block's options. What nobody asked for is still to be told in the end."""

    def __init__(self, own: Settings) -> None:
        self._own, self._asked = own, set[str]()

    def __getitem__(self, name: str) -> str:
        """An option's value in the words of newer versions, its default where it is absent or empty."""
        self._asked.add(name)
        written = self._own.get(name, "").strip()
        words = _LIST_TYPES if name.endswith("_list_type") else _WORDS.get(name, {})
        return words.get(written, written) or (_DEFAULTS.get(name, "") if self._is_defaulted(name) else "")

    def _is_defaulted(self, name: str) -> bool:
        """Whether an empty value is the default: a paragraph number that is cleared means every paragraph."""
        return name not in ("paragraph_number", "weekdays") or name not in self._own

    @property
    def code(self) -> str:
        self._asked.add("code")
        return self._own.get("code", "").replace("\r\n", "\n").strip("\n")

    def number(self, name: str) -> int:
        """A whole number as PHP reads it: what does not start with one is 0."""
        written = self[name]
        digits = written[: len(written) - len(written.lstrip("0123456789"))]
        return min(int(digits or "0"), 1_000_000)

    def is_on(self, name: str) -> bool:
        return self[name] not in ("", _OFF)

    def left(self) -> Iterator[tuple[str, str]]:
        """The options that nobody asked for and that are not as they are by default."""
        for name, value in self._own.items():
            if name not in self._asked and name not in _INSIGNIFICANT and not self._is_default(name):
                yield name, value

    def is_untouched(self) -> bool:
        """Whether the block is as the plugin makes it, without a code."""
        return not self.code and all(
            self._is_default(name) for name in self._own if name not in ("code", "name")
        )

    def _is_default(self, name: str) -> bool:
        return self._own[name].strip() in ("", _OFF, _DEFAULTS.get(name, ""))
