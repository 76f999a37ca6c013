// What the resident said and the gateway has not confirmed yet. Kept in the browser's storage and tried again with
// the same client_id until it is, so that a lost answer, a reload or a tunnel costs neither a message nor a double.

import { Refused, call } from "./wire.js";

const WAITS = [1000, 2000, 4000, 8000, 15000];

export function newId() {
  // Not crypto.randomUUID: it is missing on plain http, which is how a first try on a phone at home looks.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Unsent {
  /** Hooks: onSent(item, answer), onRefused(item, error), onWaiting(item, error), onExpired(), onIdle(). */
  constructor(owner, hooks) {
    this.prefix = `linshe.unsent.${owner}.`;
    this.hooks = hooks;
    this.items = this.read();
    this.running = false;
    this.attempts = 0;
    this.stopped = false;
  }

  read() {
    const items = [];
    try {
      for (let index = 0; index < localStorage.length; index += 1) {
        const key = localStorage.key(index);
        if (key.startsWith(this.prefix)) items.push(JSON.parse(localStorage.getItem(key)));
      }
    } catch (error) {
      return [];
    }
    return items.sort((one, other) => (one.at < other.at ? -1 : 1));
  }

  /** An item a key, not one list: two open tabs must not overwrite each other's. */
  keep(item) {
    try {
      localStorage.setItem(this.prefix + item.body.client_id, JSON.stringify(item));
    } catch (error) {
      // Private browsing may refuse storage: the message is then only as safe as this page.
    }
  }

  /** `body` is what the gateway takes; `shown` what the bubble says meanwhile. */
  add(body, shown) {
    const item = { body: { client_id: newId(), ...body }, shown, at: new Date().toISOString() };
    this.items.push(item);
    this.keep(item);
    return item;
  }

  drop(item) {
    this.items = this.items.filter((other) => other !== item);
    try {
      localStorage.removeItem(this.prefix + item.body.client_id);
    } catch (error) {
      // Nothing was kept, so nothing stays behind.
    }
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** One after the other, so that they arrive in the order in which they were said. */
  async run() {
    if (this.running || this.stopped) return;
    clearTimeout(this.timer);
    this.running = true;
    try {
      while (this.items.length && !this.stopped && (await this.send(this.items[0])));
    } finally {
      this.running = false;
      if (!this.stopped) this.hooks.onIdle();
    }
  }

  /** Returns whether to go on with the next. */
  async send(item) {
    try {
      const answer = await call("POST", "/api/messages", item.body);
      this.attempts = 0;
      this.drop(item);
      if (!this.stopped) this.hooks.onSent(item, answer);
      return true;
    } catch (error) {
      if (this.stopped) return false;
      if (error instanceof Refused && error.status === 401) {
        this.hooks.onExpired();
        return false;
      }
      if (error instanceof Refused && error.status !== 429) {
        this.drop(item);
        this.hooks.onRefused(item, error);
        return true;
      }
      this.hooks.onWaiting(item, error);
      const wait = WAITS[Math.min(this.attempts, WAITS.length - 1)];
      this.attempts += 1;
      this.timer = setTimeout(() => this.run(), wait);
      return false;
    }
  }
}
