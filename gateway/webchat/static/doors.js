// The states around the conversation: choosing a demo resident, and a session that ended.

import { make } from "./bubbles.js";
import { call } from "./wire.js";

const MANY = 12;

export class Chooser {
  /** Hooks: onChosen() once the cookie of somebody else is set, onBack(). */
  constructor(hooks) {
    this.hooks = hooks;
    this.sheet = document.getElementById("chooser");
    this.list = document.getElementById("chooser-list");
    this.find = document.getElementById("chooser-find");
    this.back = document.getElementById("chooser-back");
    this.back.addEventListener("click", () => {
      this.sheet.hidden = true;
      hooks.onBack();
    });
    this.find.addEventListener("input", () => this.filter());
    document.getElementById("chooser-new").addEventListener("click", () => this.enter("/api/start", {}));
  }

  async open(canGoBack) {
    this.sheet.hidden = false;
    this.back.hidden = !canGoBack;
    this.find.value = "";
    this.list.textContent = "";
    this.list.append(make("p", "people-note", "正在取名单…"));
    try {
      this.show(await call("GET", "/api/demo/residents"));
    } catch (error) {
      this.list.textContent = "";
      const again = make("button", "wide plain", "没有取到名单，点这里再试一次");
      again.type = "button";
      again.addEventListener("click", () => this.open(canGoBack));
      this.list.append(again);
    }
  }

  show(residents) {
    this.list.textContent = "";
    this.find.hidden = residents.length <= MANY;
    if (!residents.length) this.list.append(make("p", "people-note", "演示数据里还没有居民。"));
    for (const resident of residents) {
      const button = make("button", "person");
      button.type = "button";
      const face = make("span", "avatar me", resident.name[0] || "居");
      face.setAttribute("aria-hidden", "true");
      const words = make("span", "person-words");
      words.append(make("b", "", resident.name), make("span", "", resident.home || "还没有登记住址"));
      button.append(face, words);
      button.dataset.words = `${resident.name} ${resident.home || ""}`;
      button.addEventListener("click", () => this.enter("/api/demo/login", { resident: resident.code || resident.name }));
      this.list.append(button);
    }
  }

  filter() {
    const words = this.find.value.trim();
    for (const button of this.list.querySelectorAll(".person")) button.hidden = !button.dataset.words.includes(words);
  }

  async enter(path, body) {
    try {
      await call("POST", path, body);
    } catch (error) {
      let note = this.list.querySelector(".people-trouble");
      if (!note) {
        note = make("p", "people-note people-trouble");
        this.list.prepend(note);
      }
      note.textContent = error.message;
      this.list.scrollIntoView({ block: "start" });
      return;
    }
    this.sheet.hidden = true;
    this.hooks.onChosen();
  }
}

export function showExpired(onAgain) {
  const sheet = document.getElementById("expired");
  const again = document.getElementById("expired-again");
  sheet.hidden = false;
  again.onclick = () => {
    sheet.hidden = true;
    onAgain();
  };
  again.focus();
}
