// The conversation on the screen: lines in the order of their time, separators, choices, typing sign, scrolling.

import { bubbleRow, make } from "./bubbles.js";
import { timeLabel } from "./times.js";

const QUIET = 5 * 60 * 1000;
const NEAR_END = 120;

export class View {
  /** Hooks: onChoose(message, index), onPhoto(address), onEdit(item). */
  constructor(hooks) {
    this.hooks = hooks;
    this.log = document.getElementById("log");
    this.lines = document.getElementById("lines");
    this.typing = document.getElementById("typing");
    this.newer = document.getElementById("newer");
    this.welcome = document.getElementById("welcome");
    this.newer.addEventListener("click", () => this.toEnd(true));
    this.log.addEventListener("scroll", () => {
      this.atEnd = this.nearEnd();
      if (this.atEnd) this.newer.hidden = true;
    }, { passive: true });
    // Pictures and the keyboard change heights after the fact; a reader at the end stays at the end.
    new ResizeObserver(() => {
      if (this.atEnd) this.toEnd();
    }).observe(this.log);
    this.log.addEventListener("load", () => {
      if (this.atEnd) this.toEnd();
    }, true);
    this.clear("");
  }

  clear(me) {
    this.me = me;
    this.byId = new Map();
    this.entries = [];
    this.lines.textContent = "";
    this.atEnd = true;
    this.ready = false;
    this.newer.hidden = true;
    this.showTyping(false);
    this.welcome.hidden = true;
  }

  get empty() {
    return this.entries.length === 0;
  }

  nearEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END;
  }

  toEnd(smooth = false) {
    this.atEnd = true;
    this.newer.hidden = true;
    this.log.scrollTo({ top: this.log.scrollHeight, behavior: smooth ? "smooth" : "auto" });
  }

  /** A line from the gateway. One that is already here only has its time corrected. Returns whether it was new. */
  add(message, { quietly = false } = {}) {
    const known = this.byId.get(message.id);
    if (known) {
      known.at = new Date(message.at);
      return false;
    }
    const entry = { id: message.id, message, at: new Date(message.at), pending: false };
    entry.row = this.row(message);
    this.byId.set(message.id, entry);
    this.place(entry);
    if (!quietly) this.afterAdding(false);
    return true;
  }

  row(message) {
    const row = bubbleRow(message, { me: this.me, onChoose: this.hooks.onChoose, onPhoto: this.hooks.onPhoto });
    if (message.id) row.dataset.id = message.id;
    return row;
  }

  /** Something just said, shown before the gateway knows it. */
  addPending(item) {
    const message = { direction: "in", buttons: [], photos: [], ...item.shown };
    const entry = { id: null, item, message, at: new Date(item.at), pending: true, row: this.row(message) };
    entry.row.classList.add("pending");
    this.place(entry);
    this.afterAdding(true);
    return entry;
  }

  entryOf(item) {
    return this.entries.find((entry) => entry.item === item);
  }

  /** The gateway has it under this id; when history brought it already, the local copy goes. */
  confirm(item, id) {
    const entry = this.entryOf(item);
    if (!entry) return;
    if (this.byId.has(id)) {
      this.remove(entry);
      return;
    }
    Object.assign(entry, { id, pending: false, item: null });
    entry.row.dataset.id = id;
    entry.row.classList.remove("pending", "waiting");
    this.note(entry, "");
    this.byId.set(id, entry);
    this.refresh();
  }

  waiting(item, sentence) {
    const entry = this.entryOf(item);
    if (!entry) return;
    entry.row.classList.add("waiting");
    this.note(entry, sentence);
  }

  refuse(item, sentence) {
    const entry = this.entryOf(item);
    if (!entry) return;
    entry.row.classList.remove("pending", "waiting");
    entry.row.classList.add("failed");
    this.note(entry, sentence);
    if (item.shown.text && !item.body.choice) {
      const edit = make("button", "plain small", "改一改再发");
      edit.type = "button";
      edit.addEventListener("click", () => {
        this.remove(entry);
        this.hooks.onEdit(item);
      });
      entry.row.querySelector(".line-note").append(edit);
    }
    this.refresh();
    this.afterAdding(true);
  }

  note(entry, sentence) {
    let note = entry.row.querySelector(".line-note");
    if (!sentence) {
      if (note) note.remove();
      return;
    }
    if (!note) {
      note = make("div", "line-note");
      entry.row.querySelector(".body").append(note);
    }
    note.textContent = sentence;
  }

  remove(entry) {
    const index = this.entries.indexOf(entry);
    if (index < 0) return;
    this.entries.splice(index, 1);
    entry.row.remove();
    if (entry.separator) entry.separator.remove();
    if (this.entries[index]) this.separateAround(index);
    this.refresh();
  }

  /** By time among what the gateway confirmed; what is still on its way stays last. */
  place(entry) {
    let index = this.entries.length;
    if (!entry.pending) {
      while (index > 0 && (this.entries[index - 1].pending || this.entries[index - 1].at > entry.at)) index -= 1;
    }
    const next = this.entries[index];
    this.entries.splice(index, 0, entry);
    this.lines.insertBefore(entry.row, next ? next.separator || next.row : null);
    if (next) this.separateAround(index + 1);
    this.separateAround(index);
    this.refresh();
  }

  separateAround(index) {
    const entry = this.entries[index];
    const before = this.entries[index - 1];
    const wanted = !before || entry.at - before.at > QUIET;
    if (entry.separator) entry.separator.remove();
    entry.separator = null;
    if (wanted) {
      entry.separator = make("div", "when", timeLabel(entry.at));
      this.lines.insertBefore(entry.separator, entry.row);
    }
  }

  /** A choice can be taken until the resident has said anything after it: what was asked then is answered. */
  refresh() {
    let answered = false;
    let pressed = "";
    for (let index = this.entries.length - 1; index >= 0; index -= 1) {
      const { message, row } = this.entries[index];
      if (message.direction === "in" && !row.classList.contains("failed")) {
        answered = true;
        pressed = message.text;
      } else if (message.buttons && message.buttons.length) {
        row.querySelectorAll(".chip").forEach((chip, at) => {
          chip.disabled = answered;
          chip.classList.toggle("taken", answered && message.buttons[at].title === pressed);
        });
      }
    }
    this.welcome.hidden = !this.empty || !this.ready;
  }

  /** History is in: an empty conversation may now say hello. */
  settled() {
    this.ready = true;
    this.refresh();
    if (this.atEnd) this.toEnd();
  }

  showTyping(on) {
    if (this.typing.hidden === !on) return;
    const stay = this.atEnd;
    this.typing.hidden = !on;
    if (on && stay) this.toEnd();
  }

  afterAdding(own) {
    if (own || this.atEnd) this.toEnd();
    else this.newer.hidden = false;
  }
}
