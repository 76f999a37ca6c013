// Talks to the gateway: JSON calls, photo upload with progress, and the socket that keeps coming back.

const CALL_TIMEOUT = 20000;
const BACK_OFF = [500, 1000, 2000, 4000, 8000, 15000];

/** The gateway understood and said no; `message` is a sentence for the resident. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message || "这一步没有成功，请稍后再试。");
    this.status = status;
    this.code = code || "error";
  }
}

/** Nobody answered, or the far side is in trouble: worth trying again later. */
export class Offline extends Error {
  constructor(message) {
    super(message || "网络不太通畅，请稍后再试。");
  }
}

function settle(status, answer) {
  if (status >= 200 && status < 300) return answer;
  if (status >= 500) throw new Offline(answer.message);
  throw new Refused(status, answer.error, answer.message);
}

export async function call(method, path, body) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), CALL_TIMEOUT);
  const options = { method, credentials: "same-origin", signal: giveUp.signal };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  let status = 0;
  let answer = {};
  try {
    const response = await fetch(path, options);
    status = response.status;
    answer = await response.json().catch(() => ({}));
  } catch (error) {
    throw new Offline();
  } finally {
    clearTimeout(timer);
  }
  return settle(status, answer);
}

/** XMLHttpRequest because fetch tells nothing about how far an upload is. */
export function uploadPhoto(file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/photos");
    request.responseType = "text";
    request.timeout = 120000;
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch (error) {
        // A proxy's own error page; the status alone says enough.
      }
      try {
        resolve(settle(request.status, answer));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = request.ontimeout = () => reject(new Offline("照片没有传上去，请检查网络后再试。"));
    const form = new FormData();
    form.append("file", file);
    request.send(form);
  });
}

/**
 * The socket. `onEvent` gets what the gateway pushes, `onOpen` runs after every (re)connect, and `onTrouble(true)`
 * while there is no line. An old browser whose policy forbids sockets is served by `onPoll`, every three seconds.
 */
export class Line {
  constructor({ onEvent, onOpen, onTrouble, onPoll }) {
    Object.assign(this, { onEvent, onOpen, onTrouble, onPoll });
    this.wanted = false;
    this.attempts = 0;
  }

  start() {
    this.wanted = true;
    this.connect();
  }

  stop() {
    this.wanted = false;
    clearTimeout(this.timer);
    clearInterval(this.poller);
    this.poller = null;
    if (this.socket) this.socket.close();
    this.socket = null;
  }

  get open() {
    return Boolean(this.socket) && this.socket.readyState === WebSocket.OPEN;
  }

  /** Called when the network or the page comes back: no sense in waiting for the timer then. */
  hurry() {
    if (!this.wanted || (this.socket && this.socket.readyState <= WebSocket.OPEN)) return;
    clearTimeout(this.timer);
    this.attempts = 0;
    this.connect();
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    let socket;
    try {
      socket = new WebSocket(`${scheme}//${location.host}/api/ws`);
    } catch (error) {
      this.lost();
      return;
    }
    this.socket = socket;
    socket.onopen = () => {
      if (this.socket !== socket) return;
      this.attempts = 0;
      clearInterval(this.poller);
      this.poller = null;
      this.onTrouble(false);
      this.onOpen();
    };
    socket.onmessage = (event) => {
      if (this.socket === socket) this.onEvent(JSON.parse(event.data));
    };
    socket.onclose = () => {
      if (this.socket === socket && this.wanted) this.lost();
    };
  }

  lost() {
    this.socket = null;
    this.onTrouble(true);
    if (!this.poller) this.poller = setInterval(() => this.onPoll(), 3000);
    const wait = BACK_OFF[Math.min(this.attempts, BACK_OFF.length - 1)];
    this.attempts += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), wait * (0.8 + Math.random() * 0.4));
  }
}
