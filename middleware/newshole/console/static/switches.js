// The list that "which" is chosen from goes with what is to be off.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const what = document.querySelector("select[data-lists]");
  if (!what) return;
  const name = document.getElementById("name");
  const hint = document.getElementById("name-hint");
  const all = hint.textContent;
  const hints = {
    block: "The id of a block, such as those in the list.",
    kind: "One of the kinds in the list: every block of it is off.",
    section: "A section as the site's pages name it.",
    url: "An address or a path. “*” stands for one part of the path, “**” for any.",
  };
  const follow = () => {
    const list = what.selectedOptions[0].dataset.list;
    if (list) name.setAttribute("list", list);
    else name.removeAttribute("list");
    hint.textContent = hints[what.value] ?? all;
  };
  what.addEventListener("change", follow);
  follow();
});
