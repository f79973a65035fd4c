// What the reader has agreed to: `newshole.consent(fn)` calls `fn` with "personal", "limited" (refused) or
// "restricted" (opted out of sale and targeting) once that is known, and again when it changes.
// Answers are places in `words`, of which the least holds; -1 stands for one that is awaited.
(set => {
  const nh = (window.newshole = window.newshole || {});
  if (nh.consent) return;
  const words = ["", "limited", "restricted", "personal"];
  const fns = [];
  let grace = set.nhGrace || 2e3;
  let state, tcf, gpp;
  nh.consent = fn => {
    fns.push(fn);
    if (state) fn(state);
  };
  const say = (...told) => {
    const word = words[Math.min(...told, navigator.globalPrivacyControl ? 2 : 3)];
    if (!word || word === state) return;
    state = word;
    fns.forEach(fn => fn(word));
  };
  const look = () => {
    if (!tcf && window.__tcfapi) {
      tcf = -1;
      __tcfapi("addEventListener", 2, told => {
        // A platform that fails tells null.
        if (!told) return;
        const isAgreed = id => told.vendor?.consents?.[id] && [1, 3, 4].every(n =>
          told.purpose?.consents?.[n] && (told.publisher?.restrictions?.[n]?.[id] ?? 1) === 1);
        if (told.gdprApplies === false) tcf = 3;
        else if (/loaded|complete/.test(told.eventStatus)) {
          tcf = (set.nhVendors || "755").split(" ").every(isAgreed) ? 3 : 1;
          // Where the law of Europe applies, nobody waits for the sections of others.
          if (gpp < 0) gpp = 3;
        }
        say(tcf, gpp || 3);
      });
    }
    if (!gpp && window.__gpp) {
      gpp = -1;
      __gpp("addEventListener", event => {
        look();
        const told = event?.pingData;
        if (!told) return;
        const said = JSON.stringify(told.parsedSections);
        // A section that applies and has no opt-out asks for consent, or is not told; TCF tells of 2 itself.
        if (told.signalStatus === "ready")
          gpp = /OptOut":1|OptOutSale":"Y|Gpc":(1|t)/.test(said) ? 2 :
            /OptOut/.test(said) || !(told.applicableSections?.[0] > (tcf ? 2 : 0)) ? 3 : 1;
        say(tcf || 3, gpp);
      });
    }
  };
  const watch = () => {
    look();
    if (document.readyState === "complete") grace -= 250;
    const isAlone = !(tcf || gpp);
    if (isAlone && grace < 0 && !state) say(words.indexOf(set.nhWithout || "limited"));
    if (isAlone || grace >= 0) setTimeout(watch, grace < 0 ? 1e3 : 250);
  };
  say(words.indexOf(set.nhConsent));
  watch();
})(document.currentScript.dataset);
