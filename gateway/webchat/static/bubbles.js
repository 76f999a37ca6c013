// Builds one line of the conversation. Everything a person or the assistant wrote goes in as text, never as markup.

// Numbers worth a tap: mobile and landline anywhere; short ones (119, 12345, 96177) only in a sentence that speaks of
// calling and without a unit behind, so that "120元" stays an amount. Whole runs of digits are looked at, so a ticket's
// number never turns into a call. No lookbehind: a browser that does not know it would refuse the whole file.
const PAPER = /https?:\/\/[^\s/]+\/certificates\/[\w=-]+\.pdf/g;
const DIGITS = /\d[\d-]*\d/g;
const LONG_NUMBER = /^(1[3-9]\d{9}|0\d{2,3}-\d{7,8}|\d{3,4}-\d{4}-\d{4})$/;
const SHORT_NUMBER = /^(110|119|120|122|12[0-9]{3}|9[56][0-9]{3})$/;
const CALLING = /(打|拨|电话|热线|抢修)[^。！？；\n]{0,24}$/;
const UNIT = /^\s*(元|块|号|分|天|个|小时|米|人|户|平|斤|幢|栋|单元|室|年|月|日|楼|条|次|%)/;

export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** Papers of ours are opened by a tap, and their long address is not read; no other address becomes a link. */
function withLinks(parent, text) {
  let from = 0;
  for (const match of text.matchAll(PAPER)) {
    withPhones(parent, text.slice(from, match.index));
    const link = make("a", "phone", "打开证明（PDF）");
    link.href = match[0];
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    parent.append(link);
    from = match.index + match[0].length;
  }
  withPhones(parent, text.slice(from));
}

function withPhones(parent, text) {
  let from = 0;
  for (const match of text.matchAll(DIGITS)) {
    const number = match[0];
    const after = text.slice(match.index + number.length);
    const called = SHORT_NUMBER.test(number) && CALLING.test(text.slice(0, match.index)) && !UNIT.test(after);
    if (!called && !LONG_NUMBER.test(number)) continue;
    parent.append(text.slice(from, match.index));
    const link = make("a", "phone", number);
    link.href = `tel:${number.replace(/-/g, "")}`;
    parent.append(link);
    from = match.index + number.length;
  }
  parent.append(text.slice(from));
}

function avatar(message, me) {
  const kind = message.direction === "in" ? "me" : message.direction === "staff" ? "staff" : "bot";
  const box = make("span", `avatar ${kind}`);
  box.setAttribute("aria-hidden", "true");
  if (kind === "bot") box.append(icon("house"));
  else box.textContent = (kind === "me" ? me : message.author || "社")[0] || "我";
  return box;
}

function choices(message, onChoose) {
  const row = make("div", "choices");
  message.buttons.forEach((button, index) => {
    const chip = make("button", "chip");
    chip.type = "button";
    chip.append(make("b", "", button.digit || String(index + 1)), make("span", "", button.title));
    chip.addEventListener("click", () => onChoose(message, index));
    row.append(chip);
  });
  return row;
}

function photos(message, onPhoto) {
  const grid = make("div", message.photos.length > 1 ? "shots many" : "shots");
  for (const address of message.photos) {
    const shot = make("button", "shot");
    shot.type = "button";
    shot.setAttribute("aria-label", "看大图");
    const image = make("img");
    image.alt = "照片";
    image.loading = "lazy";
    image.addEventListener("error", () => {
      shot.classList.add("gone");
      image.alt = "照片打不开";
    });
    image.src = address;
    shot.append(image);
    shot.addEventListener("click", () => onPhoto(address));
    grid.append(shot);
  }
  return grid;
}

/** `context`: me (name of the resident), onChoose(message, index), onPhoto(address). */
export function bubbleRow(message, context) {
  const row = make("div", `row ${message.direction}`);
  const body = make("div", "body");
  if (message.direction === "staff") {
    const name = make("div", "name", message.author || "社区工作人员");
    name.append(make("span", "tag", "工作人员"));
    body.append(name);
  }
  // What the gateway writes for photos without words; the photos themselves are right below.
  const wordless = message.photos && message.photos.length && message.text === "[图片]";
  if (message.text && !wordless) {
    const bubble = make("div", "bubble");
    if (message.direction === "in") bubble.textContent = message.text;
    else withLinks(bubble, message.text);
    body.append(bubble);
  }
  if (message.photos && message.photos.length) body.append(photos(message, context.onPhoto));
  if (message.buttons && message.buttons.length) body.append(choices(message, context.onChoose));
  row.append(avatar(message, context.me), body);
  return row;
}
