// What the browser does by itself: look at a photo large, keep a chat at its end. No data leaves or arrives here.
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
