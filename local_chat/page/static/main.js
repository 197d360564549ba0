// The page: what the server tells goes to the screen, what the person does goes to the server.

import { Attach } from "./attach.js";
import { gist } from "./bubble.js";
import { Composer } from "./composer.js";
import { $ } from "./dom.js";
import { Lightbox } from "./lightbox.js";
import { history, live, press, remove } from "./net.js";
import { Notices } from "./notices.js";
import { Outbox } from "./outbox.js";
import { languageOf, personHere, showPeople } from "./people.js";
import { calm, Scroll } from "./scroll.js";
import { Timeline } from "./timeline.js";
import { speak, t } from "./words.js";

const PRESS_LASTS = 15000;
const person = personHere();
let profile = null;
let missed = 0;
const pressed = new Map(); // "message:data" → the timer of a button that waits for its answer
const asked = new Map(); // query id → "message:data"
const notices = new Notices();

const act = {
  botName: () => profile?.bot.name ?? "",
  command: text => say(text),
  open: message => lightbox.open(message),
  reply: message => composer.answer(message),
  jump, key: messageKey, press: pressButton,
  isWaiting: (id, data) => pressed.has(`${id}:${data}`),
  remove: message => remove(person, message.message_id).catch(error => notices.toast(error.message)),
};
const timeline = new Timeline(act);
const outbox = new Outbox(person, () => { draw(); scroll.toEnd(true); });
const lightbox = new Lightbox(() => timeline.photos());
const scroll = new Scroll(earlier);
const composer = new Composer({ send: say, botName: act.botName, lastMessage: () => focusMessage(-1) });
new Attach(chosen => outbox.send({ ...chosen, replyTo: composer.takeReply() }));

function say(text) {
  outbox.send({ text, replyTo: composer.takeReply() });
}

function draw(options) {
  timeline.render(options);
  for (const node of outbox.waiting.values()) $("messages").append(node);
  const empty = !timeline.messages.size && !outbox.waiting.size;
  $("empty").hidden = !empty || !profile;
  composer.setEmpty(empty && Boolean(profile));
}

const hear = {
  state(event) {
    showProfile(event);
    timeline.reset(event.messages, event.more);
    notices.set({ online: event.online });
    const first = !timeline.items.size;
    for (const message of event.messages) if (message._nonce) outbox.arrived(message._nonce);
    draw();
    if (first || scroll.atEnd) scroll.toEnd(false);
  },
  message({ message }) {
    if (message._nonce) outbox.arrived(message._nonce);
    const atEnd = scroll.atEnd;
    const isNew = timeline.put(message);
    draw({ fresh: new Set(isNew ? [message.message_id] : []) });
    if (isNew && message.from.is_bot) {
      notices.say(`${act.botName()}: ${gist(message)}`);
      scroll.missed();
      if (document.hidden) { missed += 1; showTitle(); }
    }
    if (atEnd) scroll.toEnd(isNew);
  },
  deleted({ message_id: id }) {
    timeline.messages.delete(id);
    draw();
  },
  answer(event) {
    const key = asked.get(event.query_id);
    if (key) settle(key);
    else for (const waiting of [...pressed.keys()]) settle(waiting); // the answer overtook the post
    if (!event.text) return;
    if (event.alert) notices.alert(act.botName(), event.text);
    else notices.toast(event.text);
  },
  presence({ online }) { notices.set({ online }); },
  profile: showProfile,
};

function showProfile(event) {
  profile = { bot: event.bot, person: event.person };
  $("bot-name").textContent = $("empty-name").textContent = event.bot.name;
  $("empty-about").textContent = event.bot.description || event.bot.about || t("welcome");
  composer.setCommands(event.commands);
  showPeople(event.person, event.people, languageOf(person), changeLanguage);
  showTitle();
}

function showTitle() {
  document.title = `${missed ? `(${missed}) ` : ""}${act.botName()}`;
}

async function pressButton(message, button) {
  const data = button.callback_data;
  if (data === undefined) return;
  const key = `${message.message_id}:${data}`;
  if (pressed.has(key)) return;
  pressed.set(key, setTimeout(() => settle(key), PRESS_LASTS));
  timeline.refresh(message.message_id);
  try { asked.set((await press(person, message.message_id, data)).query_id, key); }
  catch (error) { settle(key); notices.toast(error.message); }
}

function settle(key) {
  clearTimeout(pressed.get(key));
  pressed.delete(key);
  for (const [query, one] of asked) if (one === key) asked.delete(query);
  timeline.refresh(Number(key.split(":")[0]));
}

function jump(id) {
  const node = timeline.node(id);
  if (!node) return;
  node.scrollIntoView({ block: "center", behavior: calm() ? "instant" : "smooth" });
  node.classList.remove("found");
  void node.offsetWidth; // begin the highlight again
  node.classList.add("found");
}

let loading = false;
async function earlier() {
  const oldest = timeline.messages.keys().next().value;
  if (loading || !timeline.more || !oldest) return;
  loading = true;
  try {
    const { messages, more } = await history(person, oldest);
    scroll.steady(() => { timeline.before(messages, more); draw(); });
  } catch { /* the next scroll tries again */ } finally { loading = false; }
}

/** Arrows walk through the messages, Enter answers, Delete deletes. */
function messageKey(event, message) {
  if (event.target !== event.currentTarget) return;
  if (event.key === "ArrowUp") { event.preventDefault(); focusMessage(-1, event.currentTarget); }
  else if (event.key === "ArrowDown") { event.preventDefault(); focusMessage(1, event.currentTarget); }
  else if (event.key === "Enter") { event.preventDefault(); act.reply(message); }
  else if (event.key === "Delete") act.remove(message);
  else if (event.key === "Escape") $("text").focus();
}

function focusMessage(step, from = null) {
  const all = [...$("messages").querySelectorAll(".message:not(.pending)")];
  const next = from ? all[all.indexOf(from) + step] : all.at(-1);
  if (next) next.focus();
  else if (step > 0) $("text").focus();
}

let leave = () => {};
let lost = null; // the timer that will say that the connection is gone
function connect() {
  leave();
  leave = live(person, languageOf(person), event => hear[event.type]?.(event), connected => {
    // A blink of a restart is nobody's business; each further attempt is the same loss.
    if (connected) {
      clearTimeout(lost);
      lost = null;
      $("offline").hidden = true;
    } else lost ??= setTimeout(() => { $("offline").hidden = false; }, 900);
    notices.set({ connected });
  });
}

function changeLanguage(code) {
  speak(code);
  timeline.redraw();
  notices.show();
  connect();
}

document.addEventListener("visibilitychange", () => { if (!document.hidden) { missed = 0; showTitle(); } });
addEventListener("keydown", event => {
  // Typing goes to the message wherever the focus is, as in any messenger.
  const idle = document.activeElement === document.body || document.activeElement === $("scroller");
  if (idle && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && !document.querySelector("dialog[open]")) $("text").focus();
});
speak(languageOf(person));
notices.show();
connect();
if (matchMedia("(hover: hover)").matches) $("text").focus();
