// Where the resident writes: the text, the photos picked for it, and what has to be said about them.

import { Tray } from "./tray.js";

const LONGEST = 2000;
const TALLEST = 160;

export class Composer {
  /** `onSay(body, shown)` takes what is to be sent and returns false when it cannot yet. */
  constructor(onSay) {
    this.onSay = onSay;
    this.box = document.getElementById("text");
    this.button = document.getElementById("send");
    this.noticeBox = document.getElementById("notice");
    this.wanted = false;
    this.tray = new Tray({
      onNotice: (sentence) => {
        this.wanted = false;
        this.notice(sentence);
      },
      onChange: () => this.changed(),
    });
    this.wire();
  }

  wire() {
    const file = document.getElementById("file");
    document.getElementById("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
      this.box.focus();
    });
    this.box.addEventListener("input", () => this.changed());
    this.box.addEventListener("keydown", (event) => {
      // While an input method is composing, Enter picks a word.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.submit();
    });
    document.getElementById("photo").addEventListener("click", () => file.click());
    file.addEventListener("change", () => {
      this.tray.take(file.files);
      file.value = "";
    });
  }

  submit() {
    const { tray } = this;
    const text = this.box.value.trim();
    const length = [...text].length;
    if (tray.busy) {
      this.wanted = true;
      this.notice("照片正在上传，传好会自动发出。");
      return;
    }
    if (!text && !tray.ready) return;
    if (length > LONGEST) {
      this.notice(`这段话有 ${length} 个字，太长了。请分成几条发，每条不超过 ${LONGEST} 个字。`);
      return;
    }
    const photos = tray.hashes;
    const body = photos.length ? { photos } : {};
    if (text) body.text = text;
    if (!this.onSay(body, { text, photos: photos.map((hash) => `/api/photos/${hash}`) })) {
      this.notice("正在连接，连上就可以发了。");
      return;
    }
    this.clear();
  }

  /** What could not be sent, to be changed. */
  takeBack(text) {
    this.box.value = this.box.value ? `${this.box.value}\n${text}` : text;
    this.changed();
    this.box.focus();
  }

  clear() {
    this.wanted = false;
    this.box.value = "";
    this.tray.empty();
    this.notice("");
    this.changed();
  }

  changed() {
    if (this.wanted && !this.tray.busy) {
      this.wanted = false;
      this.submit();
    }
    this.button.disabled = !this.box.value.trim() && !this.tray.shots.length;
    this.grow();
  }

  grow() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight + 2, TALLEST)}px`;
  }

  notice(sentence) {
    clearTimeout(this.noticeTimer);
    this.noticeBox.textContent = sentence;
    this.noticeBox.hidden = !sentence;
    if (sentence) this.noticeTimer = setTimeout(() => this.notice(""), 8000);
  }
}
