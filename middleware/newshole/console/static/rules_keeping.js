// Keeping what is typed: on the server after a second of rest, and in this browser until the server has it.

const REST = 1000;
const AGAIN = 5000;

// What this browser keeps of a draft: one entry a page that was open, so that two tabs never write over each other.
export class Shelf {
  constructor(site, draft) {
    this.page = Math.random().toString(36).slice(2);
    this.name(site, draft);
  }

  name(site, draft) {
    this.site = site;
    this.all = `newshole:${site}:${draft}:`;
    this.own = this.all + this.page;
  }

  keep(seen, texts) {
    try {
      localStorage.setItem(this.own, JSON.stringify({ seen, texts: Object.fromEntries(texts), at: Date.now() }));
      return true;
    } catch {
      return false;
    }
  }

  drop(name = this.own) {
    try {
      localStorage.removeItem(name);
    } catch { /* a browser that keeps nothing has nothing to drop */ }
  }

  // What pages that are gone left here, the oldest first; what cannot be read stays where it is.
  left() {
    try {
      return Object.keys(localStorage).filter((name) => name.startsWith(this.all) && name !== this.own)
        .flatMap((name) => read(name)).sort((a, b) => a.at - b.at);
    } catch {
      return [];
    }
  }
}

function read(name) {
  try {
    return [{ name, ...JSON.parse(localStorage.getItem(name)) }];
  } catch {
    return [];
  }
}

// Saves texts of a draft one after the other, `seen` being the newest revision that this page knows.
// `told` has `saved(at)`, `failed(words, isKept, status)` and `split(answer)`.
export class Saver {
  constructor(shelf, { draft, seen, ask, told }) {
    Object.assign(this, { shelf, draft, seen, ask, told });
    this.unsaved = new Map();
    this.edited = new Map();
    this.timer = 0;
    this.running = null;
  }

  changed(file, text) {
    this.unsaved.set(file, text);
    this.edited.set(file, text);
    this.isKept = this.shelf.keep(this.seen, this.unsaved);
    this.later(REST);
  }

  later(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), milliseconds);
  }

  // Whether all is saved, once what was under way is done.
  async save({ isLast = false } = {}) {
    while (this.running) await this.running;
    clearTimeout(this.timer);
    if (!this.unsaved.size) return true;
    this.running = this.send(new Map(this.unsaved), isLast).finally(() => { this.running = null; });
    await this.running;
    return !this.unsaved.size;
  }

  async send(texts, isLast) {
    const fields = { draft: this.draft, seen: this.seen };
    for (const [file, text] of texts) fields[`text:${file}`] = text;
    let answer;
    try {
      answer = await this.ask("save", fields, isLast);
    } catch (error) {
      this.told.failed(error.message, this.isKept, error.status ?? 0);
      if (!error.status || error.status >= 500) this.later(AGAIN);
      return;
    }
    for (const [file, text] of texts) {
      if (this.unsaved.get(file) === text) this.unsaved.delete(file);
    }
    const isSplit = "merge" in answer;
    this.seen = answer.revision;
    if (isSplit) this.split(answer);
    if (this.unsaved.size) this.shelf.keep(this.seen, this.unsaved);
    else this.shelf.drop();
    if (isSplit) this.told.split(answer);
    else this.told.saved(answer.at);
  }

  // Somebody else saved this draft: from here on everything goes into the one where mine is kept.
  split(answer) {
    this.shelf.drop();
    this.draft = answer.draft;
    this.shelf.name(this.shelf.site, answer.draft);
  }
}
