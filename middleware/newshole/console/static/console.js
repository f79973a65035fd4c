// What every screen needs beside htmx: moments by the newsroom's clocks, menus that send their form, and
// notices of what htmx could not do, which pass.
"use strict";

const NOTICE = 6000;
// As the console itself writes moments: its words are English, and its hours those of a newsroom's clocks.
const LOCALE = "en-GB";
const FORM = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" };
const SECOND = { second: "2-digit" };
const ZONE = { timeZoneName: "short" };
// What is typed into forms is by the same clocks.
const CLOCKS = { timeZone: document.documentElement.dataset.zone };

// Whoever looks from elsewhere would take the newsroom's clocks for their own.
function isElsewhere(at) {
  return at.toLocaleString(LOCALE, { ...FORM, ...CLOCKS }) !== at.toLocaleString(LOCALE, FORM);
}

function tellMoments(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime()) && !time.title) {
      const isZoned = time.matches(".zoned") || isElsewhere(at);
      const form = { ...FORM, ...CLOCKS, ...(time.matches(".exact") && SECOND), ...(isZoned && ZONE) };
      time.title = at.toLocaleString(LOCALE, { dateStyle: "full", timeStyle: "long", ...CLOCKS });
      time.textContent = at.toLocaleString(LOCALE, form);
    }
  }
}

function notice(words) {
  const told = document.createElement("p");
  told.className = "wrong";
  told.textContent = words;
  document.querySelector(".toasts")?.append(told);
  setTimeout(() => told.remove(), NOTICE);
}

document.addEventListener("DOMContentLoaded", () => tellMoments(document));
document.addEventListener("htmx:load", (event) => tellMoments(event.detail.elt));
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
});
document.addEventListener("htmx:sendError", () => notice("The console cannot be reached. Try again."));
document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  const isPlain = xhr.getResponseHeader("content-type")?.startsWith("text/plain");
  const part = new DOMParser().parseFromString(isPlain ? "" : xhr.responseText, "text/html");
  const said = isPlain ? xhr.responseText : part.querySelector("[role=alert]")?.textContent;
  notice(said || "That did not work. Load the screen again.");
});
