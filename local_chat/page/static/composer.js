// Where the person writes: the text, the commands it completes, the message it answers.

import { $, el, grow } from "./dom.js";
import { gist } from "./bubble.js";
import { t } from "./words.js";

export class Composer {
  constructor(act) {
    this.act = act;
    this.commands = [];
    this.shown = [];
    this.chosen = -1;
    this.replyTo = null;
    this.text = $("text");
    this.text.addEventListener("input", () => this.changed());
    this.text.addEventListener("keydown", event => this.key(event));
    this.text.addEventListener("blur", () => setTimeout(() => { if (!$("slash").matches(":focus") && !this.text.matches(":focus")) this.list([]); }, 150));
    $("composer").onsubmit = event => { event.preventDefault(); this.submit(); };
    $("slash").onclick = () => { if (this.shown.length) this.list([]); else { this.list(this.commands); this.text.focus(); } };
    $("answering-stop").onclick = () => this.answer(null);
    $("start").onclick = () => act.send("/start");
  }

  setCommands(commands) {
    this.commands = commands;
    $("slash").hidden = !commands.length;
    // What was typed before the commands were known is completed now.
    if (this.shown.length || this.text.matches(":focus")) this.changed();
  }

  /** An empty conversation offers only its beginning. */
  setEmpty(empty) {
    $("start").hidden = !empty;
    $("composer").hidden = empty;
  }

  /** The message that the next one answers, or none. */
  answer(message) {
    this.replyTo = message?.message_id ?? null;
    $("answering").hidden = !message;
    if (!message) return;
    $("answering-who").textContent = message.from.is_bot ? this.act.botName() : t("you");
    $("answering-what").textContent = gist(message);
    this.text.focus();
  }

  takeReply() {
    const replyTo = this.replyTo;
    this.answer(null);
    return replyTo;
  }

  changed() {
    grow(this.text);
    $("send").disabled = !this.text.value.trim();
    const typed = /^\/(\w*)$/.exec(this.text.value);
    this.list(typed ? this.commands.filter(one => one.command.startsWith(typed[1].toLowerCase())) : []);
  }

  list(commands) {
    this.shown = commands;
    this.chosen = commands.length && this.text.value.startsWith("/") ? 0 : -1;
    const box = $("commands");
    box.hidden = !commands.length;
    this.text.setAttribute("aria-expanded", String(commands.length > 0));
    box.replaceChildren(...commands.map((one, index) => el("div", {
      role: "option", id: `command-${index}`,
      onpointerdown: event => event.preventDefault(), // the text keeps the focus
      onclick: () => this.run(one),
    }, el("b", {}, `/${one.command}`), el("span", {}, one.description))));
    this.mark();
  }

  mark() {
    [...$("commands").children].forEach((node, index) => {
      node.setAttribute("aria-selected", String(index === this.chosen));
      if (index === this.chosen) node.scrollIntoView({ block: "nearest" });
    });
    if (this.chosen >= 0) this.text.setAttribute("aria-activedescendant", `command-${this.chosen}`);
    else this.text.removeAttribute("aria-activedescendant");
  }

  run(command) {
    this.text.value = "";
    this.changed();
    this.act.send(`/${command.command}`);
  }

  key(event) {
    if (event.isComposing) return;
    const count = this.shown.length;
    if (count && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.chosen = (this.chosen + (event.key === "ArrowDown" ? 1 : count - 1 + (this.chosen < 0 ? 1 : 0))) % count;
      this.mark();
    } else if (count && event.key === "Escape") {
      this.list([]);
    } else if (count && event.key === "Tab" && this.chosen >= 0) {
      event.preventDefault();
      this.text.value = `/${this.shown[this.chosen].command} `;
      this.changed();
    } else if (count && event.key === "Enter" && this.chosen >= 0 && !event.shiftKey) {
      event.preventDefault();
      this.run(this.shown[this.chosen]);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && this.replyTo) {
      this.answer(null);
    } else if (event.key === "ArrowUp" && !this.text.value) {
      event.preventDefault();
      this.act.lastMessage();
    }
  }

  submit() {
    const text = this.text.value.trim();
    if (!text) return;
    this.text.value = "";
    this.changed();
    this.act.send(text);
    this.text.focus();
  }
}
