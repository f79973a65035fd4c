// Google Publisher Tag. Limited ads come from an address of their own, which reads and stores nothing.
window.newshole.serve("gpt", (boxes, state) => {
  const gpt = (window.googletag = window.googletag || {});
  gpt.cmd = gpt.cmd || [];
  const isLimited = state === "limited";
  const host = isLimited ? "pagead2.googlesyndication.com" : "securepubads.g.doubleclick.net";
  newshole.load(`https://${host}/tag/js/gpt.js`, boxes, "/tag/js/gpt.js");
  const define = box => {
    const {mobile, desktop} = JSON.parse(box.dataset.nhSizes);
    const slot = gpt.defineSlot(box.dataset.nhGpt, [...mobile, ...desktop], box.id);
    if (!slot) {
      newshole.tell(box, false);
      return false;
    }
    slot.defineSizeMapping(gpt.sizeMapping().addSize([768, 0], desktop).addSize([0, 0], mobile).build());
    for (const [key, value] of Object.entries(JSON.parse(box.dataset.nhKeys))) slot.setTargeting(key, value);
    slot.addService(gpt.pubads());
    return true;
  };
  const show = (due, target) => due.length && gpt.cmd.push(() => {
    const ads = gpt.pubads();
    ads.setPrivacySettings({limitedAds: isLimited, restrictDataProcessing: state === "restricted"});
    if (!newshole.isHeard) {
      newshole.isHeard = true;
      ads.addEventListener("slotRenderEnded", ({slot, isEmpty}) => {
        const box = document.getElementById(slot.getSlotElementId());
        if (box && box.dataset.nhGpt) newshole.tell(box, !isEmpty);
      });
      ads.enableSingleRequest();
    }
    const defined = due.filter(define);
    gpt.enableServices();
    if (target) target();
    for (const box of defined) gpt.display(box.id);
  });
  const isBid = box => newshole.bid && state === "personal" && box.dataset.nhBids;
  const bid = boxes.filter(isBid);
  show(boxes.filter(box => !isBid(box)));
  if (bid.length) newshole.bid(bid, target => show(bid, target));
});
