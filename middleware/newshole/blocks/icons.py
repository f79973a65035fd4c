"""A plain sign for each network: one line in a square of 24, drawn here in the colour of the text.

They are no network's own artwork, and the network's name stands beside each of them.
"""

from __future__ import annotations

from typing import Final

ICONS: Final = {
    "facebook": "M16 4h-1.5A3.5 3.5 0 0 0 11 7.5V21M7.5 12H15",
    "instagram": (
        "M8 3h8a5 5 0 0 1 5 5v8a5 5 0 0 1-5 5H8a5 5 0 0 1-5-5V8a5 5 0 0 1 5-5ZM12 8a4 4"
        " 0 1 0 0 8 4 4 0 0 0 0-8M17 7v0"
    ),
    "x": "M5 4l14 16M19 4 5 20",
    "threads": "M16 12a4 4 0 1 0-8 0 4 4 0 0 0 8 0v1.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-4 7.5",
    "bluesky": (
        "M12 11C10.5 7.5 7 4.5 4 4c-.5 3 0 8 4.5 9C6 13.5 5 15 6.5 17.5 8.5 20.5 11 18"
        " 12 15c1 3 3.5 5.5 5.5 2.5C19 15 18 13.5 15.5 13 20 12 20.5 7 20 4c-3 .5-6.5"
        " 3.5-8 7Z"
    ),
    "mastodon": (
        "M6 3h12a3 3 0 0 1 3 3v9a3 3 0 0 1-3 3h-7l-4 3v-3H6a3 3 0 0 1-3-3V6a3 3 0 0 1"
        " 3-3ZM8 14V9.5a2 2 0 0 1 4 0V12M12 9.5a2 2 0 0 1 4 0V14"
    ),
    "youtube": "M6 5h12a4 4 0 0 1 4 4v6a4 4 0 0 1-4 4H6a4 4 0 0 1-4-4V9a4 4 0 0 1 4-4ZM10 9v6l5-3Z",
    "tiktok": "M13 3v12.5A3.75 3.75 0 1 1 9.25 11.75M13 3a6 6 0 0 0 6 6",
    "linkedin": "M5.5 10v10M5.5 5v0M11 20V10M11 14.5a4 4 0 0 1 8 0V20",
    "telegram": "M21 4 3 11l5.5 2.5M21 4l-4 16-8.5-6.5M21 4 8.5 13.5V19l3-3",
    "whatsapp": (
        "M4 20l1.2-4A8.5 8.5 0 1 1 8.2 19ZM9 8.5c0 4 2.5 6.5 6.5 6.5l.8-1.8-2.1-1.2-1 .9"
        "c-1-.5-1.6-1.1-2.1-2.1l.9-1-1.2-2.1Z"
    ),
    "googlenews": "M5 4h14v16H5ZM8.5 8h7M8.5 12h7M8.5 16h4",
    "rss": "M5 19v0M5 12a7 7 0 0 1 7 7M5 5a14 14 0 0 1 14 14",
}
"""SVG path data by the name of the network, for strokes."""
