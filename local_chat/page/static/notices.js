// What is said beside the conversation: the header's status, toasts, alerts, the spoken line.

import { $, el } from "./dom.js";
import { t } from "./words.js";

const TOAST_LASTS = 4500;

export class Notices {
  constructor() {
    this.online = null;
    this.connected = false;
  }

  set(changes) {
    Object.assign(this, changes);
    this.show();
  }

  show() {
    $("status").textContent = !this.connected ? t("connecting") : this.online ? t("bot") : t("away");
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
