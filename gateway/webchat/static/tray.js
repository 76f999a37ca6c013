// Photos picked but not sent yet: checked, previewed, uploaded while the resident still writes.

import { icon, make } from "./bubbles.js";
import { uploadPhoto } from "./wire.js";

export const MAX_PHOTOS = 9;
const MAX_BYTES = 10 * 1024 * 1024;
const KINDS = ["image/jpeg", "image/png", "image/webp"];

export class Tray {
  /** Hooks: onNotice(sentence), onChange(). */
  constructor(hooks) {
    this.hooks = hooks;
    this.box = document.getElementById("tray");
    this.shots = [];
  }

  get busy() {
    return this.shots.some((shot) => !shot.hash);
  }

  get ready() {
    return this.shots.length > 0 && !this.busy;
  }

  take(files) {
    for (const file of files) {
      const trouble = this.troubleWith(file);
      if (trouble) {
        this.hooks.onNotice(trouble);
        continue;
      }
      this.add(file);
    }
  }

  /** The gateway checks again; this only saves the resident an upload that would be refused. */
  troubleWith(file) {
    if (this.shots.length >= MAX_PHOTOS) return `一次最多发 ${MAX_PHOTOS} 张照片，其余的可以接着再发。`;
    if (!KINDS.includes(file.type)) return "只能发照片（JPG、PNG 格式），这个文件不是照片。";
    if (file.size > MAX_BYTES) return "这张照片超过 10 MB，太大了。请用手机拍一张普通照片，或裁剪后再发。";
    if (file.size === 0) return "这张照片是空的，请换一张。";
    return "";
  }

  add(file) {
    const shot = { hash: "", address: URL.createObjectURL(file), box: make("div", "tray-shot") };
    const image = make("img");
    image.alt = "要发的照片";
    image.src = shot.address;
    const progress = make("span", "tray-progress", "0%");
    const away = make("button", "tray-away");
    away.type = "button";
    away.setAttribute("aria-label", "不发这张");
    away.append(icon("close"));
    away.addEventListener("click", () => this.remove(shot));
    shot.box.append(image, progress, away);
    this.box.append(shot.box);
    this.shots.push(shot);
    this.changed();
    uploadPhoto(file, (part) => {
      progress.textContent = `${Math.min(99, Math.round(part * 100))}%`;
    }).then((answer) => {
      shot.hash = answer.hash;
      progress.remove();
      this.changed();
    }, (error) => {
      if (!this.shots.includes(shot)) return;
      this.hooks.onNotice(error.message);
      this.remove(shot);
    });
  }

  remove(shot) {
    this.shots = this.shots.filter((other) => other !== shot);
    shot.box.remove();
    URL.revokeObjectURL(shot.address);
    this.changed();
  }

  get hashes() {
    return this.shots.map((shot) => shot.hash);
  }

  empty() {
    for (const shot of [...this.shots]) this.remove(shot);
  }

  changed() {
    this.box.hidden = this.shots.length === 0;
    this.hooks.onChange();
  }
}
