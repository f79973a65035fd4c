// Of a place only the fields that say where it is meant; who fills an ad is shown at once; and whoever leaves a
// form that was not saved is asked first. All of it works without this, too.
"use strict";

function showPlace(group) {
  const where = group.querySelector("select[name$='@where']").value;
  for (const part of group.querySelectorAll(".for")) part.hidden = !part.classList.contains(where);
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".block-form");
  if (!form) return;
  let isTyped = document.querySelector(".wrong[role=alert]") !== null;
  let isSent = false;
  for (const group of form.querySelectorAll(".parts.place")) {
    showPlace(group);
    group.addEventListener("change", () => showPlace(group));
  }
  const server = form.querySelector("#server");
  server?.parentElement.querySelector("button").toggleAttribute("hidden", true);
  server?.addEventListener("change", () => {
    isSent = true;
    form.requestSubmit(form.querySelector("button[value='again']"));
  });
  form.addEventListener("input", () => { isTyped = true; });
  form.addEventListener("submit", () => { isSent = true; });
  addEventListener("beforeunload", (event) => { if (isTyped && !isSent) event.preventDefault(); });
});
