// What the browser does by itself: look at a photo large, keep a chat at its end, keys and clicks of the inbox. Nothing is fetched here.
"use strict";

window.linsheZoom = (src) => {
  const back = document.createElement("div");
  back.className = "zoom";
  const image = document.createElement("img");
  image.src = src;
  image.alt = "照片";
  back.append(image);
  const close = () => {
    back.remove();
    document.removeEventListener("keydown", onKey);
  };
  const onKey = (event) => event.key === "Escape" && close();
  back.addEventListener("click", close);
  document.addEventListener("keydown", onKey);
  document.body.append(back);
};

window.linsheScroll = (id, always) => {
  const box = document.getElementById("c" + id);
  if (!box) return;
  const far = box.scrollHeight - box.scrollTop - box.clientHeight > 240;
  // After Vue has drawn the new lines and the pictures have their height.
  if (always || !far) setTimeout(() => (box.scrollTop = box.scrollHeight), 60);
};

window.linsheReveal = (id) =>
  setTimeout(() => document.getElementById("c" + id)?.scrollIntoView({ block: "end", behavior: "smooth" }), 80);

// Photos being uploaded are shown from the file itself.
const chosen = new Map();
window.linsheRemember = (files) => files.forEach((file) => chosen.set(`${file.name}/${file.size}`, file));
window.linshePreview = (id, name, size) => {
  const image = document.getElementById("c" + id);
  const file = chosen.get(`${name}/${size}`);
  if (image && file) image.src = URL.createObjectURL(file);
};

// The session is over: to the sign-in page, unless this page is on its way already (it may be the one that signed out).
// The browser knows its own address best: filters may have changed it since the page was built.
let going = false;
window.addEventListener("beforeunload", () => (going = true));
window.linsheLeave = () => {
  if (!going) location.replace("/login?why=expired&next=" + encodeURIComponent(location.pathname + location.search));
};

// A click on a row of the inbox: chosen beside the list where there is room for two, ticked while several are being chosen.
const ROOM_FOR_TWO = 1180;
window.linsheChoose = (event, emit) => {
  const row = event.target.closest("a.irow");
  if (!row || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const number = row.dataset.number;
  if (row.closest(".choosing")) {
    event.preventDefault();
    emit({ pick: true, number });
  } else if (window.innerWidth >= ROOM_FOR_TWO) {
    event.preventDefault();
    emit({ number });
  }
};

// Keys for whoever works through a list: never while something is typed or a dialog is open.
const KEYS = [
  ["j / k", "下一件 / 上一件"],
  ["Enter", "打开选中的工单"],
  ["r", "写答复"],
  ["a", "接单"],
  ["/", "搜索"],
  ["?", "看快捷键"],
  ["Esc", "离开输入框、关掉这张表"],
];
const showKeys = () => {
  if (document.querySelector(".keys")) return;
  const back = document.createElement("div");
  back.className = "keys";
  const card = document.createElement("div");
  card.className = "keys-card";
  card.setAttribute("role", "dialog");
  card.setAttribute("aria-label", "快捷键");
  const head = document.createElement("div");
  head.className = "form-title";
  head.textContent = "快捷键";
  card.append(head);
  for (const [key, what] of KEYS) {
    const line = document.createElement("div");
    const kbd = document.createElement("kbd");
    kbd.textContent = key;
    line.append(kbd, what);
    card.append(line);
  }
  back.append(card);
  back.addEventListener("click", () => back.remove());
  document.body.append(back);
};
const step = (by) => {
  const rows = [...document.querySelectorAll("a.irow")];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement.closest("a.irow")) >= 0
    ? rows.indexOf(document.activeElement.closest("a.irow"))
    : rows.findIndex((row) => row.classList.contains("chosen"));
  rows[Math.min(rows.length - 1, Math.max(0, at + by))].focus();
};
const press = (selector) => {
  const found = [...document.querySelectorAll(selector)].find((one) => one.offsetParent !== null);
  if (found) found.click();
};
const write = (selector) => {
  const found = [...document.querySelectorAll(selector)].find((one) => one.offsetParent !== null);
  if (found) {
    found.scrollIntoView({ block: "center" });
    found.focus();
  }
};
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    document.querySelector(".keys")?.remove();
    if (event.target.matches("input, textarea")) event.target.blur();
    return;
  }
  const busy = event.target.matches("input, textarea, select, [contenteditable]") || document.querySelector(".q-dialog, .zoom");
  if (busy || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = {
    j: () => step(1),
    k: () => step(-1),
    r: () => write(".compose-text textarea"),
    a: () => press(".act-accept"),
    "/": () => write(".search input"),
    "?": showKeys,
    "？": showKeys,
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
