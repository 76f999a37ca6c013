// Words chosen in a sentence: by dragging over characters, by tapping the first and the last word, or with the arrow keys and Shift.
// A box (.tokens) holds words (.token) of characters (.char, data-at); it fires `choose` with {start, end}, end not included.
"use strict";

{
  const charsOf = (box) => [...box.querySelectorAll(".char")];
  const at = (char) => Number(char.dataset.at);
  const charAt = (box, x, y) => {
    const found = document.elementFromPoint(x, y)?.closest(".char");
    return found && box.contains(found) ? found : null;
  };
  const state = new WeakMap(); // box -> {anchor, head, tapped}
  const paint = (box) => {
    const now = state.get(box);
    const [first, last] = now ? [Math.min(now.anchor, now.head), Math.max(now.anchor, now.head)] : [1, 0];
    for (const char of charsOf(box)) char.classList.toggle("on", at(char) >= first && at(char) <= last);
    return [first, last];
  };
  const tell = (box) => {
    const [first, last] = paint(box);
    box.dispatchEvent(new CustomEvent("choose", { detail: { start: first, end: last + 1 } }));
  };

  let drag = null;
  document.addEventListener("pointerdown", (event) => {
    const char = event.target.closest?.(".tokens .char");
    if (!char || event.button) return;
    drag = { box: char.closest(".tokens"), from: at(char), moved: false };
  });
  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const char = charAt(drag.box, event.clientX, event.clientY);
    if (!char || (at(char) === drag.from && !drag.moved)) return;
    drag.moved = true;
    event.preventDefault();
    state.set(drag.box, { anchor: drag.from, head: at(char), tapped: false });
    paint(drag.box);
  });
  document.addEventListener("pointercancel", () => (drag = null));
  document.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const { box, from, moved } = drag;
    drag = null;
    if (!moved) {
      const token = charsOf(box).find((char) => at(char) === from)?.closest(".token");
      if (!token) return;
      const inside = charsOf(token).map(at);
      const [first, last] = [inside[0], inside[inside.length - 1]];
      const before = state.get(box);
      const whole = before && [Math.min(before.anchor, before.head), Math.max(before.anchor, before.head)];
      if (before?.tapped && (whole[0] !== first || whole[1] !== last)) {
        state.set(box, { anchor: Math.min(whole[0], first), head: Math.max(whole[1], last), tapped: false });
      } else {
        state.set(box, { anchor: first, head: last, tapped: true });
      }
    }
    tell(box);
  });
  let later = 0;
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.(".tokens");
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!box || !by) return;
    event.preventDefault();
    const most = charsOf(box).length - 1;
    const now = state.get(box) ?? { anchor: by > 0 ? -1 : most + 1, head: by > 0 ? -1 : most + 1 };
    const head = Math.min(most, Math.max(0, now.head + by));
    state.set(box, { anchor: event.shiftKey && now.anchor >= 0 && now.anchor <= most ? now.anchor : head, head, tapped: false });
    paint(box);
    clearTimeout(later);
    later = setTimeout(() => tell(box), 200);
  });
}
