(() => {
  const gpt = (window.googletag = window.googletag || {cmd: []});
  gpt.cmd = gpt.cmd || [];
  const src = "https://securepubads.g.doubleclick.net/tag/js/gpt.js";
  if (!document.querySelector('script[src*="/tag/js/gpt.js"]'))
    document.head.append(Object.assign(document.createElement("script"), {async: true, src}));
  const seen = new WeakSet();
  const fill = () => {
    const fresh = [...document.querySelectorAll("[data-nh-gpt]")].filter(box => !seen.has(box));
    for (const box of fresh) {
      seen.add(box);
      const {mobile, desktop} = JSON.parse(box.dataset.nhSizes);
      const slot = gpt.defineSlot(box.dataset.nhGpt, [...mobile, ...desktop], box.id);
      if (!slot) continue;
      slot.defineSizeMapping(gpt.sizeMapping().addSize([768, 0], desktop).addSize([0, 0], mobile).build());
      for (const [key, value] of Object.entries(JSON.parse(box.dataset.nhKeys))) slot.setTargeting(key, value);
      slot.addService(gpt.pubads());
    }
    if (!fresh.length) return;
    if (navigator.globalPrivacyControl) gpt.pubads().setPrivacySettings({restrictDataProcessing: true});
    gpt.pubads().enableSingleRequest();
    gpt.enableServices();
    for (const box of fresh) gpt.display(box.id);
  };
  gpt.cmd.push(fill);
  document.addEventListener("DOMContentLoaded", () => gpt.cmd.push(fill));
})();
