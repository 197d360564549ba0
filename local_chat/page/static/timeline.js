// The list of messages: what is in it, and the least change to the page when that changes.

import { $, el } from "./dom.js";
import { bubble } from "./bubble.js";
import { day } from "./words.js";

const TOGETHER = 300; // seconds within which messages of one side stand together

export class Timeline {
  constructor(act) {
    this.act = act;
    this.messages = new Map();
    this.items = new Map();
    this.more = false;
    this.list = $("messages");
  }

  /** Take the conversation as the server has it; what hasn't changed keeps its place. */
  reset(messages, more) {
    const known = this.messages;
    const oldest = messages[0]?.message_id ?? Infinity;
    // Earlier pages that were opened stay, as long as they join what arrives.
    const joined = messages.some(message => known.has(message.message_id));
    const kept = joined ? [...known.values()].filter(message => message.message_id < oldest) : [];
    this.more = kept.length ? this.more : more;
    this.messages = new Map();
    for (const message of [...kept, ...messages]) {
      const old = known.get(message.message_id);
      this.messages.set(message.message_id, old && JSON.stringify(old) === JSON.stringify(message) ? old : message);
    }
  }

  /** A new or changed message; true when it's new. */
  put(message) {
    const isNew = !this.messages.has(message.message_id);
    this.messages.set(message.message_id, message);
    if (isNew) this.sort();
    return isNew;
  }

  before(messages, more) {
    this.more = more;
    this.messages = new Map([...messages.map(message => [message.message_id, message]), ...this.messages]);
  }

  sort() {
    this.messages = new Map([...this.messages].sort((a, b) => a[0] - b[0]));
  }

  /** Messages that stand in one bubble. */
  groups() {
    const groups = [];
    for (const message of this.messages.values()) {
      const open = groups.at(-1);
      if (message.media_group_id && open?.[0].media_group_id === message.media_group_id) open.push(message);
      else groups.push([message]);
    }
    return groups;
  }

  /** Bring the page in line; `fresh` are keys that just arrived and may be animated. */
  render({ fresh = new Set(), again = null } = {}) {
    const wanted = [];
    const groups = this.groups();
    groups.forEach((group, index) => {
      const previous = groups[index - 1];
      const label = day(group[0].date);
      const opensDay = !previous || day(previous[0].date) !== label;
      if (opensDay) wanted.push(this.day(`day:${label}`, label));
      wanted.push(this.item(group, fresh, again));
    });
    groups.forEach((group, index) => {
      const node = this.items.get(keyOf(group)).node;
      node.classList.toggle("opens", !together(groups[index - 1], group));
      node.classList.toggle("closes", !together(group, groups[index + 1]));
    });
    const keep = new Set(wanted);
    for (const [key, item] of this.items) if (!keep.has(item.node)) { item.node.remove(); this.items.delete(key); }
    wanted.forEach((node, index) => { if (this.list.children[index] !== node) this.list.insertBefore(node, this.list.children[index] ?? null); });
  }

  day(key, label) {
    const node = this.items.get(key)?.node ?? el("li", { class: "day" }, el("span", {}, label));
    this.items.set(key, { node, messages: [] });
    return node;
  }

  item(group, fresh, again) {
    const key = keyOf(group);
    const old = this.items.get(key);
    const same = old && old.messages.length === group.length && group.every((message, index) => message === old.messages[index]);
    if (same && again !== key) return old.node;
    const node = bubble(group, this.act);
    if (old) this.keepPictures(old.node, node);
    else if (fresh.has(group.at(-1).message_id)) node.classList.add("arrives");
    if (old?.node.contains(document.activeElement)) this.keepFocus(old.node, node);
    else old?.node.replaceWith(node);
    this.items.set(key, { node, messages: [...group] });
    return node;
  }

  /** A changed photo replaces the old one in place, so that there is no blink between the two. */
  keepPictures(old, node) {
    const before = old.querySelectorAll(".photo img");
    node.querySelectorAll(".photo img").forEach((image, index) => {
      const kept = before[index];
      if (!kept) return;
      for (const name of ["alt", "width", "height"]) kept[name] = image[name];
      if (kept.getAttribute("src") !== image.getAttribute("src")) kept.src = image.src;
      image.replaceWith(kept);
    });
  }

  keepFocus(old, node) {
    const focusable = "button, a, [tabindex]";
    const place = [...old.querySelectorAll(focusable)].indexOf(document.activeElement);
    old.replaceWith(node);
    (node.querySelectorAll(focusable)[place] ?? node).focus({ preventScroll: true });
  }

  /** Draw one message's item again, because something beside the message changed. */
  refresh(messageId) {
    const group = this.groups().find(one => one.some(message => message.message_id === messageId));
    if (group) this.render({ again: keyOf(group) });
  }

  /** Draw everything again: the language has changed. */
  redraw() {
    for (const item of this.items.values()) item.node.remove();
    this.items.clear();
    this.render();
  }

  node(messageId) {
    for (const item of this.items.values()) if (item.messages.some(message => message.message_id === messageId)) return item.node;
    return null;
  }

  photos() {
    return [...this.messages.values()].filter(message => message.photo);
  }
}

const keyOf = group => group[0].media_group_id ? `g:${group[0].media_group_id}` : `m:${group[0].message_id}`;

function together(above, below) {
  if (!above || !below) return false;
  const a = above.at(-1), b = below[0];
  return a.from.is_bot === b.from.is_bot && b.date - a.date < TOGETHER && !a.reply_markup && day(a.date) === day(b.date);
}
