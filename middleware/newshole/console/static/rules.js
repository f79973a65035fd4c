// The Rules screen: the files of a draft in tabs, saved while they are typed, with what check says beside.
import { Editor } from "./rules_editor.js";
import { Saver, Shelf } from "./rules_keeping.js";

const CHECK = 600;
const shown = JSON.parse(document.getElementById("shown").textContent);
// What is typed into forms is by the same clocks.
const CLOCKS = { timeZone: document.documentElement.dataset.zone };
const find = (id) => document.getElementById(id);
const texts = { ...shown.packs, ...shown.files };
const form = find("editor");
let problems = shown.checked.problems;
let checks = 0;
let checking = 0;

async function ask(way, fields, isLast = false) {
  let answer;
  try {
    answer = await fetch(shown.ways[way], {
      method: "POST", body: new URLSearchParams(fields), keepalive: isLast,
      headers: { accept: "application/json", "x-csrf-token": shown.csrf },
    });
  } catch {
    throw new Error("the console does not answer");
  }
  const isJson = (answer.headers.get("content-type") ?? "").startsWith("application/json");
  const said = isJson ? await answer.json().catch(() => ({})) : {};
  if (isJson && (answer.ok || answer.status === 409)) return said;
  // A page in the place of an answer is that of a proxy which wants to know who asks.
  const status = answer.ok ? 401 : answer.status;
  const words = said.told ?? ([401, 403].includes(status) ? "you are signed out" : `the console fails (${status})`);
  throw Object.assign(new Error(words), { status });
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function alarm(kind, ...children) {
  let box = find(kind);
  if (!box) find("alarms").append((box = element("p", { id: kind, className: "told warn" })));
  const words = children.map((each) => each.textContent ?? each).join("");
  if (box.textContent !== words) box.replaceChildren(...children);
}

const told = {
  saved(at) {
    const time = new Date(at * 1000);
    find("saved").replaceChildren("Saved ", element("time", { dateTime: time.toISOString(), title: time.toISOString() }, time.toLocaleTimeString("en-GB", CLOCKS)));
    find("not-saved")?.remove();
    follow();
  },
  failed(words, isKept, status) {
    find("saved").textContent = "Not saved";
    const where = isKept ? "kept in this browser" : "not kept in this browser either: copy it";
    const rest = status === 401 || status === 403
      ? [" ", element("a", { href: location.href }, "Sign in again"), ", and it is offered to you."]
      : [status && status < 500 ? "" : " It is tried again by itself."];
    alarm("not-saved", `Not saved: ${words}. What you wrote is ${where}.`, ...rest);
  },
  split(answer) {
    alarm("split", `${answer.by} saved this draft meanwhile, in another window. Nothing is lost: what you write goes into a draft of its own. `,
      element("a", { href: answer.merge }, "See both side by side"));
    find("saved").textContent = "Saved apart";
    find("not-saved")?.remove();
    follow();
  },
};

const saver = new Saver(new Shelf(shown.site, shown.draft), { draft: shown.draft, seen: shown.seen, ask, told });

// Links and forms of the screen are of the draft and of the revision that is saved now.
let linked = shown.draft;
function follow() {
  for (const each of document.querySelectorAll('input[name="seen"]')) each.value = saver.seen;
  if (linked === saver.draft) return;
  for (const each of document.querySelectorAll(`main a[href*="draft=${linked}"]`)) {
    if (!each.closest("#alarms")) each.href = each.getAttribute("href").replace(`draft=${linked}`, `draft=${saver.draft}`);
  }
  for (const each of document.querySelectorAll('input[name="draft"]')) each.value = saver.draft;
  linked = saver.draft;
  history.replaceState(null, "", address(editor.file));
}

function address(file, line, column) {
  const query = new URLSearchParams(saver.draft ? { draft: saver.draft } : { version: new URLSearchParams(location.search).get("version") ?? "" });
  query.set("file", file);
  if (line) query.set("line", line);
  if (column) query.set("column", column);
  return `${shown.home}?${query}`;
}

const host = element("div", { id: "code", className: "code" });
find("text").hidden = true;
form.querySelector("label").hidden = true;
form.querySelector(".by-hand")?.setAttribute("hidden", "");
form.append(host);
find("keys").hidden = false;

const editor = new Editor(host, {
  isWritable: shown.isOwn,
  changed(file, text) {
    texts[file] = text;
    find("saved").textContent = "Writing…";
    saver.changed(file, text);
    clearTimeout(checks);
    checks = setTimeout(check, CHECK);
  },
  ask: (text, line, column) =>
    ask("complete", { text, line, column, files: Object.keys(shown.files).join("\n") }).catch(() => null),
});

function open(file, line = 0, column = 0) {
  if (!(file in texts)) return;
  editor.open(file, texts[file], file in shown.packs && !(file in shown.files));
  for (const each of document.querySelectorAll("[data-file]")) {
    if (each.dataset.file === file) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  form.elements.file.value = file;
  if (find("of")) find("of").value = file;
  history.replaceState(null, "", address(file, line, column));
  if (line) editor.go(line, column);
}

async function check() {
  const turn = (checking += 1);
  const fields = { draft: saver.draft };
  for (const [file, text] of saver.edited) fields[`text:${file}`] = text;
  const checked = await ask("check", fields).catch(() => null);
  if (checked && turn === checking) tell(checked);
}

function tell(checked) {
  problems = checked.problems;
  const words = problems.length ? `${problems.length} ${problems.length === 1 ? "problem" : "problems"}` : "No problems";
  if (find("verdict").textContent !== words) find("verdict").textContent = words;
  find("problems").replaceChildren(...problems.map((each) => {
    const place = element("span", { className: "mono" }, `${each.file}:${each.line}:${each.column}`);
    return element("li", {}, element("a", { href: address(each.file, each.line, each.column) }, place, ` ${each.message}`));
  }));
  find("notes").hidden = !checked.notes.length;
  find("notes").querySelector("ul").replaceChildren(...checked.notes.map((each) => element("li", {}, each)));
  count();
  editor.mark(problems);
}

function count() {
  for (const each of document.querySelectorAll("[data-file]")) {
    const own = problems.filter((problem) => problem.file === each.dataset.file).length;
    each.querySelector(".tag")?.remove();
    if (own) each.append(" ", element("span", { className: "tag bad" }, own, element("span", { className: "visually-hidden" }, own === 1 ? " problem" : " problems")));
  }
}

// What a page that was closed or lost before it could save left in this browser is offered, one after the other.
function offer() {
  for (const each of saver.shelf.left()) {
    const isNew = Object.entries(each.texts ?? {}).some(([file, text]) => shown.files[file]?.replaceAll("\r\n", "\n") !== text);
    if (!isNew) saver.shelf.drop(each.name);
    else return void ask_back(each);
  }
}

function ask_back(each) {
  const at = new Date(each.at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium", ...CLOCKS });
  const back = element("button", { type: "button", autofocus: true }, "Put it back");
  const away = element("button", { type: "button", className: "quiet" }, "Throw it away");
  const dialog = element("dialog", { id: "offer" }, element("h2", { id: "offer-title" }, "There is text that was not saved"),
    element("p", {}, `You wrote it here, up to ${at}, in ${Object.keys(each.texts).join(", ")}.`), element("p", { className: "actions" }, back, away));
  dialog.setAttribute("aria-labelledby", "offer-title");
  const put = () => {
    saver.seen = each.seen;
    for (const [file, text] of Object.entries(each.texts)) {
      texts[file] = text;
      editor.put(file, text);
      saver.changed(file, text);
    }
    saver.save().then((isSaved) => { if (isSaved || saver.isKept) done(); else dialog.remove(); });
  };
  const done = () => { saver.shelf.drop(each.name); dialog.remove(); offer(); };
  back.addEventListener("click", () => dialog.close("back"));
  away.addEventListener("click", () => dialog.close("away"));
  dialog.addEventListener("close", () => (dialog.returnValue === "away" ? done() : put()));
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.dataset.file) {
    event.preventDefault();
    open(link.dataset.file);
  } else if (link.closest("#problems")) {
    event.preventDefault();
    const query = new URL(link.href).searchParams;
    open(query.get("file"), Number(query.get("line")), Number(query.get("column")));
  } else if ("saves" in link.dataset && saver.unsaved.size) {
    event.preventDefault();
    if (await saver.save()) location.href = link.href;
  }
});

document.addEventListener("submit", async (event) => {
  if (!("saves" in event.target.dataset) || !saver.unsaved.size) return;
  event.preventDefault();
  if (await saver.save()) event.target.requestSubmit(event.submitter);
});

find("check")?.addEventListener("click", check);
find("check")?.removeAttribute("hidden");
addEventListener("pagehide", () => void saver.save({ isLast: true }));

open(shown.file, shown.line, shown.column);
editor.mark(problems);
count();
if (shown.isOwn) offer();
