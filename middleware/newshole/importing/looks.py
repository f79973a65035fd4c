"""How a block of Ad Inserter looks and behaves in the browser: told, with the style that does the same."""

from __future__ import annotations

from typing import Final

from newshole.importing.drafts import Draft

_STYLES: Final = {
    "1": "text-align: left",
    "2": "text-align: right",
    "3": "text-align: center",
    "4": "float: left; margin: 8px 8px 8px 0",
    "5": "float: right; margin: 8px 0 8px 8px",
    "8": "position: fixed; left: 0; top: 100px; z-index: 9995",
    "9": "position: fixed; right: 0; top: 100px; z-index: 9995",
    "10": "position: fixed; left: 0; right: 0; top: 0; z-index: 9995",
    "11": "position: fixed; left: 0; right: 0; bottom: 0; z-index: 9995",
    "12": "position: fixed; left: 0; right: 0; bottom: 0; z-index: 9995",
}
_CUSTOM: Final = "7"
_STYLED: Final = (
    "block-background-color", "background", "parallax_1", "parallax_2", "parallax_3", "sticky",
)  # fmt: skip
_LOOKS: Final = "looks are the site's"
_BROWSER: Final = "nothing of newshole runs in the browser"
_SCRIPTS: Final = {
    "lazy_loading": 'the ad\'s own script can do it, as can loading="lazy" of a picture',
    "wait_for_interaction": "the ad's own script can do it",
    "manual_loading": "the ad's own script can do it",
    "check_recaptcha_score": "the ad's own script can do it",
    "iframe": "write the <iframe> into the code",
    "tracking": "count in the ad server, or in newshole's metrics",
    "adb-block-action": "the ad's own script can do it",
    "close-button": "write the button into the code",
    "auto-close-time": "",
    "stay-closed-time": "",
    "animation": "a style of the theme can do it",
}
_LIMITS: Final = (
    "delay-time", "delay-showing", "show-every", "visitor-max-imp", "visitor-limit-imp-per-time",
    "visitor-limit-imp-time", "max-imp", "limit-imp-per-time", "limit-imp-time", "visitor-max-clicks",
    "visitor-limit-clicks-per-time", "visitor-limit-clicks-time", "max-clicks", "limit-clicks-per-time",
    "limit-clicks-time", "trigger-cfp",
)  # fmt: skip
_ELSEWHERE: Final = {
    "enable_amp": ("AMP pages go out untouched", ""),
    "enable_feed": ("feeds go out untouched", ""),
    "enable_rest": ("answers of the REST interface go out untouched", ""),
    "enable_404": ("pages that are errors go out untouched", ""),
    "inverted_filter": ("copies are not filtered here", ""),
}


def carry_looks(draft: Draft) -> None:
    """Every option that would need a style or a script, named."""
    _tell_alignment(draft)
    for option in (
        "block-background-color",
        "background",
        "parallax_1",
        "parallax_2",
        "parallax_3",
        "sticky",
    ):
        if draft.options.is_on(option):
            draft.note(option, _LOOKS, f'style [data-newshole="{draft.id}"] in the theme')
    for option, todo in _SCRIPTS.items():
        if draft.options.is_on(option):
            draft.note(option, _BROWSER, todo)
    for option in _LIMITS:
        if draft.options.is_on(option):
            draft.note(option, "newshole does not count what one reader has seen", "cap it in the ad server")
    for option, (why, todo) in _ELSEWHERE.items():
        if draft.options.is_on(option):
            draft.note(option, why, todo)
    if draft.options.is_on("limits_fallback"):
        draft.note("limits_fallback", "there are no limits that it could follow")


def _tell_alignment(draft: Draft) -> None:
    alignment = draft.options["alignment_type"]
    style = draft.options["custom_css"] if alignment == _CUSTOM else _STYLES.get(alignment, "")
    if style:
        todo = f'put [data-newshole="{draft.id}"] {{{" ".join(style.split())}}} into the theme\'s style'
        draft.note("custom_css" if alignment == _CUSTOM else "alignment_type", _LOOKS, todo)
