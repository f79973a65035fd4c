"""A consent platform as a page has one: stubs that queue what is asked, and the platform that comes later."""

from __future__ import annotations

import json
from typing import Final

STUBS: Final = """
window.platform = {tcf: [], gpp: [], queue: []};
window.__tcfapi = (...args) => platform.queue.push(["tcf", ...args]);
window.__gpp = (...args) => {
  platform.queue.push(["gpp", ...args]);
  args[1]({eventName: "listenerRegistered", listenerId: 1, data: true, pingData: {cmpStatus: "stub"}}, true);
};
"""
"""What stands in a page's head before the platform itself has loaded."""

LOADED: Final = """(() => {
  const {tcf, gpp, queue} = platform;
  if (window.__tcfapi) window.__tcfapi = (command, version, listener) => {
    tcf.push(listener);
    listener({cmpStatus: "loaded", eventStatus: "cmpuishown", gdprApplies: true, listenerId: tcf.length,
      purpose: {consents: {}}, vendor: {consents: {}}, publisher: {restrictions: {}}}, true);
  };
  const unready = {signalStatus: "not ready", applicableSections: [], parsedSections: {}};
  if (window.__gpp) window.__gpp = (command, listener) => {
    gpp.push(listener);
    listener({eventName: "listenerRegistered", listenerId: gpp.length, data: true, pingData: unready}, true);
  };
  for (const [name, ...args] of queue) window[name === "tcf" ? "__tcfapi" : "__gpp"](...args);
  platform.say = told => tcf.forEach(each => each(told, true));
  platform.signal = pingData =>
    gpp.forEach(each => each({eventName: "signalStatus", data: "ready", pingData}, true));
})();"""
"""The platform: it shows its question, and tells what a test says."""

TCF_ONLY: Final = STUBS + "delete window.__gpp;"
GPP_ONLY: Final = STUBS + "delete window.__tcfapi;"


def says(
    *purposes: int,
    vendors: tuple[int, ...] = (755,),
    status: str = "useractioncomplete",
    applies: bool | None = True,
    restrictions: dict[int, dict[int, int]] | None = None,
) -> str:
    """The script by which the platform tells a choice under the framework of Europe."""
    told = {
        "cmpStatus": "loaded",
        "eventStatus": status,
        "gdprApplies": applies,
        "purpose": {"consents": {str(each): True for each in purposes}},
        "vendor": {"consents": {str(each): True for each in vendors}},
        "publisher": {"restrictions": restrictions or {}},
    }
    return f"platform.say({json.dumps(told)});"


def signals(sections: dict[str, object], *applicable: int, status: str = "ready") -> str:
    """The script by which the platform tells the sections of the Global Privacy Platform."""
    told = {"signalStatus": status, "applicableSections": applicable, "parsedSections": sections}
    return f"platform.signal({json.dumps(told)});"


AGREED: Final = says(1, 2, 3, 4, 7, 9, 10)
REFUSED: Final = says(vendors=())
