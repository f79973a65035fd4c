// Revive: its script puts another `ins` with the banner, or an empty one, in the place of ours.
window.newshole.serve("revive", boxes => {
  for (const box of boxes) {
    const {url, zone, id} = JSON.parse(box.dataset.nhRevive);
    const unit = document.createElement("ins");
    Object.assign(unit.dataset, {reviveZoneid: zone, reviveId: id});
    if (box.dataset.newsholeSens) unit.dataset.reviveSens = box.dataset.newsholeSens;
    box.append(unit);
    new MutationObserver((_, watch) => {
      watch.disconnect();
      newshole.tell(box, box.querySelector("a,iframe,object,video,img:not([width='0'])"));
    }).observe(box, {childList: true});
    const server = (window.reviveAsync || {})[id];
    if (!newshole.load(url, [box]) && server && server.refresh) server.refresh();
  }
}, true);
