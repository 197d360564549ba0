// A text and its entities as nodes. Offsets are UTF-16, which is what JavaScript counts in.

import { el, link, safeUrl } from "./dom.js";
import { t } from "./words.js";

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", blockquote: "blockquote", expandable_blockquote: "blockquote" };

/** Nodes for text[from..to], its entities nested as they are in the message. */
export function rich(text, entities, onCommand) {
  const ordered = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return build(text, ordered, 0, text.length, onCommand);
}

function build(text, entities, from, to, onCommand) {
  const nodes = [];
  let at = from;
  for (let i = 0; i < entities.length; i += 1) {
    const entity = entities[i];
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (end <= start) continue;
    if (start > at) nodes.push(text.slice(at, start));
    const inner = entities.slice(i + 1).filter(other => other.offset < end && other.offset + other.length > start);
    nodes.push(wrap(entity, text.slice(start, end), build(text, inner, start, end, onCommand), onCommand));
    at = end;
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}

function wrap(entity, said, inside, onCommand) {
  switch (entity.type) {
    case "text_link": return link(entity.url, ...inside);
    case "url": return link(said, ...inside);
    case "email": return safeUrl(`mailto:${said}`) ? link(`mailto:${said}`, ...inside) : el("span", {}, ...inside);
    case "pre": return el("pre", {}, el("code", {}, said));
    case "bot_command":
      return el("button", { type: "button", class: "command", onclick: () => onCommand(said) }, said);
    case "spoiler":
      return el("span", {
        class: "spoiler", role: "button", tabIndex: 0, "aria-label": t("spoiler"),
        onclick: event => reveal(event.currentTarget),
        onkeydown: event => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); reveal(event.currentTarget); } },
      }, ...inside);
    default: return el(TAGS[entity.type] ?? "span", {}, ...inside);
  }
}

function reveal(node) {
  node.classList.add("open");
  node.removeAttribute("aria-label");
}
