// One message, or one album, as a list item.

import { el, icon, link } from "./dom.js";
import { fileUrl } from "./net.js";
import { rich } from "./text.js";
import { bytes, clock, t } from "./words.js";

const SHOWN = ["image/jpeg", "image/png", "image/webp", "image/gif"];
const THUMB_LIMIT = 8e6;
const COLOURS = ["primary", "success", "danger"];

/** What a message says, in a line: for quotes and for those who listen. */
export function gist(message) {
  const words = message.text ?? message.caption;
  if (words) return words.replace(/\s+/g, " ");
  const kind = ["photo", "animation", "document", "sticker", "voice", "video"].find(name => name in message);
  if (kind === "document") return message.document.file_name ?? t("document");
  return t(kind ?? "other");
}

/** The smallest size that is sharp at this width. */
function size(photo, width) {
  return photo.find(one => one.width >= width) ?? photo.at(-1);
}

/** Build the item of one or several (album) messages. */
export function bubble(messages, act) {
  const first = messages[0];
  const last = messages.at(-1);
  const captioned = messages.filter(message => message.caption);
  // An album has one text: its only caption.
  const spoken = first.text !== undefined ? first : captioned.length === 1 ? captioned[0] : null;
  const words = spoken && el("div", { class: "text", dir: "auto" },
    ...rich(spoken.text ?? spoken.caption, spoken.entities ?? spoken.caption_entities, act.command));
  if (words) words.append(el("span", { class: "room", "aria-hidden": "true" }, stampWords(last)));
  const seen = media(messages, act, captioned.length > 1);
  const mine = !first.from.is_bot;
  const bare = Boolean(seen.length && !words && !first.document);
  const above = first.show_caption_above_media;
  const body = el("div", { class: `bubble${seen.length && !first.document ? " wide" : ""}${bare ? " bare" : ""}${first.document ? " files" : ""}` },
    first.reply_to_message && quote(first.reply_to_message, act),
    ...(above && words ? [words, ...seen] : [...seen, words]), stamp(last, mine));
  const keys = last.reply_markup?.inline_keyboard && keyboard(last, act);
  const wrap = el("div", { class: `wrap${body.classList.contains("wide") ? " wide" : ""}${keys ? " keyed" : ""}` }, body, keys, tools(last, act));
  fit(wrap, body, messages);
  return el("li", {
    class: `message${mine ? " mine" : ""}`, tabIndex: -1,
    data: { id: String(last.message_id) },
    onkeydown: event => act.key(event, last),
  }, wrap);
}

function media(messages, act, eachCaption) {
  const photos = messages.filter(message => message.photo);
  if (photos.length === 1) return [photo(photos[0], act, 420)];
  if (photos.length > 1) {
    return [el("div", { class: "album", data: { count: String(photos.length) } }, ...photos.map(one => photo(one, act, 280)))];
  }
  const parts = [];
  for (const message of messages) {
    if (message.animation) parts.push(player("video", message.animation, { autoplay: true, loop: true, muted: true }));
    else if (message.document) parts.push(file(message.document));
    else if (message.video) parts.push(player("video", message.video, { controls: true }));
    else if (message.voice) parts.push(player("audio", message.voice, { controls: true }));
    else if (message.sticker) parts.push(sticker(message.sticker));
    else if (message.text === undefined) parts.push(el("div", { class: "text" }, t("other")));
    if (eachCaption && message.caption) {
      parts.push(el("div", { class: "text", dir: "auto" }, ...rich(message.caption, message.caption_entities, act.command)));
    }
  }
  return parts;
}

function photo(message, act, width) {
  const chosen = size(message.photo, width * Math.min(devicePixelRatio, 2));
  const image = el("img", { src: fileUrl(chosen.file_id), alt: message.caption ?? t("photo"), width: chosen.width, height: chosen.height, decoding: "async", draggable: false });
  return el("button", {
    type: "button", class: "photo", "aria-label": `${t("openPhoto")}${message.caption ? `: ${message.caption}` : ""}`,
    onclick: () => act.open(message),
  }, image);
}

/** Give a lone photo its place before it has loaded, neither a strip nor a tower. */
function fit(wrap, body, messages) {
  const lone = messages.length === 1 && messages[0].photo;
  if (!lone) return;
  const { width, height } = lone.at(-1);
  const ratio = Math.min(Math.max(width / height, 0.62), 2.4);
  body.querySelector(".photo").style.aspectRatio = String(ratio);
  wrap.style.setProperty("width", `min(86%, ${Math.round(Math.min(420, Math.max(220, Math.min(width, 440 * ratio))))}px)`);
}

function file(record) {
  const shown = SHOWN.includes(record.mime_type) && record.file_size < THUMB_LIMIT;
  return el("a", { class: "document", href: fileUrl(record.file_id), download: record.file_name ?? "file" },
    el("span", { class: "sign" }, icon(shown ? "photo" : "file"), shown && el("img", { src: fileUrl(record.file_id), alt: "", loading: "lazy", decoding: "async" })),
    el("span", { class: "about" }, el("b", {}, record.file_name ?? t("document")),
      el("span", {}, bytes(record.file_size), icon("download"))));
}

function player(tag, record, properties) {
  const node = el(tag, { src: fileUrl(record.file_id), playsInline: true, preload: "metadata", ...properties });
  if (record.width) node.style.aspectRatio = `${record.width} / ${record.height}`;
  return node;
}

function sticker(record) {
  const image = el("img", { src: fileUrl(record.file_id), alt: t("sticker") });
  image.onerror = () => image.replaceWith(`${record.emoji ?? ""} ${t("sticker")}`);
  return el("div", { class: "sticker" }, image);
}

function quote(reply, act) {
  const small = reply.photo && size(reply.photo, 72);
  return el("button", { type: "button", class: `quote${small ? " pictured" : ""}`, onclick: () => act.jump(reply.message_id) },
    small && el("img", { src: fileUrl(small.file_id), alt: "" }),
    el("span", {}, el("b", {}, reply.from.is_bot ? act.botName() : t("you")), el("span", {}, gist(reply))));
}

function stamp(message, mine) {
  return el("span", { class: "stamp" }, el("time", { dateTime: new Date(message.date * 1000).toISOString() }, stampWords(message)), mine && icon("check"));
}

const stampWords = message => [message.edit_date && t("edited"), clock(message.date)].filter(Boolean).join(" ");

function keyboard(message, act) {
  return el("div", { class: "keys" }, ...message.reply_markup.inline_keyboard.map(row =>
    el("div", { class: "row" }, ...row.map(button => key(message, button, act)))));
}

function key(message, button, act) {
  if (button.url) {
    const node = link(button.url, button.text, icon("link"));
    node.classList.add("key", ...colour(button));
    node.lastChild.classList?.add("corner");
    return node;
  }
  const waiting = act.isWaiting(message.message_id, button.callback_data);
  return el("button", {
    type: "button", class: ["key", ...colour(button), ...(waiting ? ["waiting"] : [])].join(" "), "aria-busy": waiting ? "true" : undefined,
    onclick: () => act.press(message, button),
  }, button.text, waiting && el("span", { class: "spinner" }));
}

const colour = button => COLOURS.filter(name => name === button.style);

function tools(message, act) {
  return el("div", { class: "tools" },
    el("button", { type: "button", class: "plain", title: t("reply"), "aria-label": t("reply"), tabIndex: -1, onclick: () => act.reply(message) }, icon("reply")),
    el("button", { type: "button", class: "plain", title: t("remove"), "aria-label": t("remove"), tabIndex: -1, onclick: () => act.remove(message) }, icon("trash")));
}

