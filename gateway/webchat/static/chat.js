// The page: who is here, what was said, what is being said. The parts are in the files imported below.

import { Composer } from "./composer.js";
import { Chooser, showExpired } from "./doors.js";
import { forget, remember, remembered } from "./memory.js";
import { Unsent } from "./unsent.js";
import { View } from "./view.js";
import { Line, Refused, call } from "./wire.js";

const DEMO = document.documentElement.dataset.mode === "demo";
const EXAMPLES = ["楼道的灯坏了，晚上看不见", "周末有什么志愿活动？", "租房押金不退怎么办？", "我之前报的事怎么样了"];
const BEEN_HERE = "linshe.been-here";
const BIG = "linshe.big";
const at = (id) => document.getElementById(id);

const nobody = () => ({ unsent: null, waitingFor: new Set(), handledUpTo: 0, held: [], homeless: false, elder: false });
const state = nobody();
const view = new View({ onChoose: choose, onPhoto: enlarge, onEdit: (item) => composer.takeBack(item.shown.text) });
const composer = new Composer(say);
const chooser = new Chooser({ onChosen: enterAsAnother, onBack: () => at("text").focus() });
const line = new Line({ onEvent: hear, onOpen: catchUp, onTrouble: trouble, onPoll: catchUp });

// --- who is here -------------------------------------------------------------------------------------------------

async function enter() {
  leave();
  at("app").hidden = false;
  try {
    begin(await call("GET", "/api/me"));
  } catch (error) {
    if (!(error instanceof Refused)) {
      trouble(true);
      state.retry = setTimeout(enter, 3000);
    } else if (error.status === 401) {
      welcomeStranger();
    } else {
      composer.notice(error.message);
    }
  }
}

/** What the one before was writing is not the next one's. */
function enterAsAnother() {
  composer.clear();
  enter();
}

async function welcomeStranger() {
  trouble(false);
  if (remembered(BEEN_HERE)) {
    expire();
  } else if (DEMO) {
    chooser.open(false);
  } else {
    startAnew();
  }
}

async function startAnew() {
  try {
    await call("POST", "/api/start", {});
    enter();
  } catch (error) {
    trouble(true);
    state.retry = setTimeout(startAnew, 3000);
  }
}

function begin({ resident }) {
  remember(BEEN_HERE, "1");
  const owner = resident.key || `${resident.name} ${resident.home || ""}`;
  view.clear(resident.name || "我");
  introduce(resident);
  at("switch").hidden = !DEMO;
  state.unsent = new Unsent(owner, {
    onSent: sent, onRefused: refused, onWaiting: waiting, onExpired: expire, onIdle: release,
  });
  for (const item of state.unsent.items) view.addPending(item);
  trouble(true);
  line.start();
}

function introduce(resident) {
  state.homeless = !resident.home;
  // Set in chat, also by who looks after them; the button here is this browser's own.
  if (Boolean(resident.elder) !== state.elder) {
    if (resident.elder || state.elder) bigger(Boolean(resident.elder));
    state.elder = Boolean(resident.elder);
  }
  at("whoami").textContent = [resident.name, resident.home].filter(Boolean).join(" · ") || "邻里有事，一句话就行";
}

/** The home may have been bound in what was just said. */
async function lookForHome() {
  const { unsent } = state;
  const answer = await call("GET", "/api/me").catch(() => null);
  if (answer && state.unsent === unsent) introduce(answer.resident);
}

function leave() {
  clearTimeout(state.retry);
  line.stop();
  if (state.unsent) state.unsent.stop();
  Object.assign(state, nobody());
  view.clear("");
  at("whoami").textContent = "";
}

function expire() {
  if (!at("expired").hidden) return;
  leave();
  trouble(false);
  forget(BEEN_HERE);
  showExpired(welcomeStranger);
}

// --- what the gateway says ---------------------------------------------------------------------------------------

function hear(event) {
  if (event.type === "message") receive(event.message);
  else if (event.type === "handled") handled(event.id);
  else if (event.type === "typing") typing(true);
  else if (event.type === "expired") expire();
}

function receive(message) {
  if (!state.unsent) return;
  // The socket may be quicker than the answer to a POST: held until that gives the line on its way its id, an own line
  // is no double, and a reply does not stand above what it answers.
  if (state.unsent.running) {
    state.held.push(message);
    return;
  }
  if (!view.add(message) || message.direction === "in") return;
  typing(false);
  if (message.text.includes("大字")) lookForHome();
}

function release() {
  for (const message of state.held.splice(0)) receive(message);
}

function handled(id) {
  state.handledUpTo = Math.max(state.handledUpTo, id);
  for (const waitingId of [...state.waitingFor]) if (waitingId <= id) state.waitingFor.delete(waitingId);
  if (!state.waitingFor.size) typing(false);
  if (state.homeless) lookForHome();
}

function typing(on) {
  clearTimeout(state.typingTimer);
  view.showTyping(on);
  // Whatever is slow tells so in words; dots that never end only worry.
  if (on) state.typingTimer = setTimeout(() => view.showTyping(false), 40000);
}

/** After every (re)connect, and instead of the socket where there is none. */
async function catchUp() {
  const { unsent } = state;
  if (!unsent) return;
  if (state.catching) {
    state.catchAgain = true;
    return;
  }
  state.catching = true;
  clearTimeout(state.catchTimer);
  try {
    const { messages } = await call("GET", "/api/history?limit=50");
    if (state.unsent !== unsent) return;
    const first = !view.ready;
    let news = false;
    for (const message of messages) {
      if (unsent.running) state.held.push(message);
      else if (view.add(message, { quietly: first }) && message.direction !== "in") news = true;
      if (message.in_reply_to) state.waitingFor.delete(message.in_reply_to);
    }
    if (news && !state.waitingFor.size) typing(false);
    view.settled();
    unsent.run();
  } catch (error) {
    if (state.unsent !== unsent) return;
    if (error instanceof Refused && error.status === 401) expire();
    else state.catchTimer = setTimeout(catchUp, 3000);
  } finally {
    state.catching = false;
    if (state.catchAgain) {
      state.catchAgain = false;
      catchUp();
    }
  }
}

function trouble(on) {
  clearTimeout(state.troubleTimer);
  const banner = at("banner");
  if (!on) {
    banner.hidden = true;
    return;
  }
  // A blink of the line is nobody's business.
  state.troubleTimer = setTimeout(() => {
    banner.textContent = navigator.onLine === false ? "网络断开了，连上后会自动发送" : "正在连接…";
    banner.hidden = false;
  }, 800);
}

// --- what the resident says --------------------------------------------------------------------------------------

/** Returns false while it is not known who speaks. */
function say(body, shown) {
  if (!state.unsent) return false;
  const item = state.unsent.add(body, shown);
  view.addPending(item);
  state.unsent.run();
  return true;
}

function sent(item, answer) {
  view.confirm(item, `in-${answer.id}`);
  if (answer.duplicate || answer.id <= state.handledUpTo) return;
  state.waitingFor.add(answer.id);
  typing(true);
}

function waiting(item, error) {
  view.waiting(item, error.status === 429 ? "发得有点快，稍等几秒会自动发出" : "还没发出去，会自动重试");
}

function refused(item, error) {
  view.refuse(item, error.message);
}

function choose(message, index) {
  say({ choice: { message: message.id, index } }, { text: message.buttons[index].title });
}

function enlarge(address) {
  at("lightbox").querySelector("img").src = address;
  at("lightbox").hidden = false;
}

function bigger(on) {
  document.documentElement.classList.toggle("big", on);
  at("bigger").setAttribute("aria-pressed", String(on));
  at("bigger-word").textContent = on ? "标准" : "大字";
  if (on) remember(BIG, "1");
  else forget(BIG);
  composer.grow();
  if (view.atEnd) view.toEnd();
}

// --- wiring ------------------------------------------------------------------------------------------------------

at("switch").addEventListener("click", () => chooser.open(true));
at("bigger").addEventListener("click", () => bigger(!document.documentElement.classList.contains("big")));
at("lightbox").addEventListener("click", () => {
  at("lightbox").hidden = true;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") at("lightbox").hidden = true;
});
for (const words of EXAMPLES) {
  const chip = document.createElement("button");
  chip.type = "button";
  chip.className = "chip";
  chip.textContent = words;
  chip.addEventListener("click", () => say({ text: words }, { text: words }));
  at("examples").append(chip);
}
for (const name of ["online", "focus"]) {
  window.addEventListener(name, () => {
    line.hurry();
    if (line.open) trouble(false);
    if (state.unsent) state.unsent.run();
  });
}
window.addEventListener("offline", () => trouble(true));
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  line.hurry();
  catchUp();
});
bigger(Boolean(remembered(BIG)));
enter();

// A code at the door of an activity leads here with its words: they are put where one types, and sent by who reads them.
const brought = new URLSearchParams(location.search).get("say");
if (brought) {
  composer.takeBack(brought.slice(0, 60));
  history.replaceState(null, "", location.pathname);
}
