// What the reader allows: "personal", "limited" (refused, or nobody asked) or "restricted" (Global Privacy
// Control). `newshole.consent(fn)` calls `fn` with it once it is known, and again when it changes.
(() => {
  const nh = (window.newshole = window.newshole || {});
  if (nh.consent) return;
  const waiting = [];
  let state;
  const settle = next => {
    if (next === state) return;
    state = next;
    for (const each of waiting) each(state);
  };
  nh.consent = each => {
    waiting.push(each);
    if (state) each(state);
  };
  const read = (told, ok) => {
    if (!ok) return settle("limited");
    if (told.gdprApplies === false) return settle("personal");
    if (!["tcloaded", "useractioncomplete"].includes(told.eventStatus)) return;
    const {consents = {}} = told.purpose || {};
    settle(consents[1] && consents[3] && consents[4] ? "personal" : "limited");
  };
  const ask = () => (window.__tcfapi ? window.__tcfapi("addEventListener", 2, read) : settle("limited"));
  if (navigator.globalPrivacyControl) settle("restricted");
  else if (window.__tcfapi || document.readyState === "complete") ask();
  else addEventListener("load", ask);
})();
