// What is said beside the conversation: the header's status, toasts, alerts, the spoken line.

import { $, el } from "./dom.js";
import { knows, t } from "./words.js";

const ACTION_LASTS = 5500;
const TOAST_LASTS = 4500;

export class Notices {
  constructor() {
    this.online = null;
    this.connected = false;
    this.action = null;
  }

  set(changes) {
    Object.assign(this, changes);
    this.show();
  }

  /** "typing…", "sending a photo…": for five seconds, or until something comes. */
  act(action) {
    clearTimeout(this.timer);
    this.action = action && knows(action) ? action : null;
    if (this.action) this.timer = setTimeout(() => this.act(null), ACTION_LASTS);
    this.show();
  }

  show() {
    const status = $("status");
    status.classList.toggle("busy", Boolean(this.action));
    if (this.action) status.replaceChildren(el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), `${t(this.action)}…`);
    else status.textContent = !this.connected ? t("connecting") : this.online ? t("bot") : t("away");
  }

  toast(text) {
    const node = el("div", { class: "toast" }, text);
    $("toasts").append(node);
    setTimeout(() => node.remove(), TOAST_LASTS);
  }

  alert(name, text) {
    $("alert-name").textContent = name;
    $("alert-text").textContent = text;
    if (!$("alert").open) $("alert").showModal();
  }

  say(text) { $("spoken").textContent = text; }
}
