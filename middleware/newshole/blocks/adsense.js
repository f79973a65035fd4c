// AdSense: units of a fixed size, which say themselves when they stay empty.
window.newshole.serve("adsense", boxes => {
  for (const box of boxes) {
    const {client, slot} = JSON.parse(box.dataset.nhAdsense);
    const src = `https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js?client=${client}`;
    newshole.load(src, [box], "/adsbygoogle.js", {crossOrigin: "anonymous"});
    const [width, height] = newshole.sizes(box)[0];
    const unit = Object.assign(document.createElement("ins"), {className: "adsbygoogle"});
    Object.assign(unit.style, {display: "inline-block", width: `${width}px`, height: `${height}px`});
    Object.assign(unit.dataset, {adClient: client, adSlot: slot});
    new MutationObserver((_, watch) => {
      const {adStatus} = unit.dataset;
      if (!adStatus) return;
      watch.disconnect();
      newshole.tell(box, adStatus !== "unfilled");
    }).observe(unit, {attributeFilter: ["data-ad-status"]});
    box.append(unit);
    (window.adsbygoogle = window.adsbygoogle || []).push({});
  }
}, true);
