// Prebid: bids for the slots of a Google Publisher Tag, which are asked for once the bids are in.
window.newshole.bid = (boxes, show) => {
  const pbjs = (window.pbjs = window.pbjs || {});
  pbjs.que = pbjs.que || [];
  const wishes = boxes.map(box => JSON.parse(box.dataset.nhBids));
  const codes = boxes.map(box => box.id);
  const timeout = Math.max(...wishes.map(each => each.timeout));
  const isOurs = newshole.load(wishes[0].library, []);
  let isShown = false;
  const once = target => {
    if (!isShown) show(target);
    isShown = true;
  };
  pbjs.que.push(() => {
    if (isOurs) pbjs.setConfig({priceGranularity: wishes[0].granularity, bidderTimeout: timeout});
    pbjs.addAdUnits(boxes.map((box, n) => ({
      code: box.id,
      mediaTypes: {banner: {sizes: newshole.sizes(box)}},
      bids: wishes[n].bids,
    })));
    const bidsBackHandler = () => once(() => pbjs.setTargetingForGPTAsync(codes));
    pbjs.requestBids({adUnitCodes: codes, timeout, bidsBackHandler});
  });
  // Where the library itself does not come.
  setTimeout(once, timeout + 500);
};
