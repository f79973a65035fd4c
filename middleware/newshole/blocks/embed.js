addEventListener("click", event => {
  const link = event.target.closest?.("a[data-nh-embed]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const still = link.closest("[data-newshole]").querySelector(".nh-still");
  const frame = Object.assign(document.createElement("iframe"), {
    src: link.dataset.nhEmbed, title: link.textContent, className: still.firstElementChild.className,
    allow: "autoplay; encrypted-media; fullscreen; picture-in-picture",
  });
  still.replaceChildren(frame);
  link.classList.remove("nh-over");
  delete link.dataset.nhEmbed;
  frame.focus();
});
