// Messages on their way: shown at once, taken away when the server shows them, kept when it can't.

import { $, el, icon } from "./dom.js";
import { send } from "./net.js";
import { t } from "./words.js";

export class Outbox {
  constructor(person, onChange) {
    this.person = person;
    this.onChange = onChange;
    this.waiting = new Map();
    this.line = Promise.resolve(); // one after the other, so that they arrive as they were sent
  }

  /** Send a text, or what was chosen in the preview; the item stays until it has arrived. */
  async send({ text = "", replyTo = null, kind, pictures = [], names = [], prepare = async () => [], done = () => {} }) {
    const nonce = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    const node = this.item(text, pictures, kind === "document" ? names : []);
    this.waiting.set(nonce, node);
    $("messages").append(node);
    this.onChange();
    const attempt = async () => {
      node.querySelector(".failed")?.remove();
      try {
        await send(this.person, { text, replyTo, kind, files: await prepare(), nonce });
        this.arrived(nonce);
        done();
      } catch (error) { this.fail(nonce, node, error, attempt); }
    };
    this.line = this.line.then(attempt);
    await this.line;
  }

  item(text, pictures, names) {
    const photo = pictures.length === 1
      ? el("div", { class: "photo" }, el("img", { src: pictures[0], alt: "" }))
      : pictures.length > 1 && el("div", { class: "album", data: { count: String(pictures.length) } }, ...pictures.map(src => el("div", { class: "photo" }, el("img", { src, alt: "" }))));
    return el("li", { class: "message mine pending opens closes" },
      el("div", { class: "wrap" }, el("div", { class: `bubble${pictures.length ? " wide" : ""}` }, photo,
        ...names.map(name => el("div", { class: "document" }, el("span", { class: "sign" }, icon("file")), el("span", { class: "about" }, el("b", {}, name)))),
        text && el("div", { class: "text", dir: "auto" }, text, el("span", { class: "room", "aria-hidden": "true" })), el("span", { class: "stamp" }, icon("clock")))));
  }

  /** The server has shown the message with this nonce. */
  arrived(nonce) {
    this.waiting.get(nonce)?.remove();
    this.waiting.delete(nonce);
  }

  fail(nonce, node, error, attempt) {
    if (!this.waiting.has(nonce)) return; // it came through, only its answer was lost
    node.append(el("div", { class: "failed", role: "alert" }, `${t("notSent")}: ${error.message}`,
      el("button", { type: "button", class: "quiet", onclick: attempt }, t("retry")),
      el("button", { type: "button", class: "quiet", onclick: () => this.arrived(nonce) }, t("discard"))));
    this.onChange();
  }
}
