// The way to the server: one live socket that mends itself, and a few posts.

const PATIENCE = [250, 500, 800, 1200, 1800];

/** Watch a person's conversation; `hear` gets every event, `state` true or false as it connects. */
export function live(person, language, hear, state) {
  let socket, tries = 0, timer, over = false;
  function open() {
    clearTimeout(timer);
    socket = new WebSocket(`ws://${location.host}/chat/live?person=${person}&language=${encodeURIComponent(language)}`);
    socket.onopen = () => { tries = 0; state(true); };
    socket.onmessage = event => hear(JSON.parse(event.data));
    socket.onclose = () => {
      if (over) return;
      state(false);
      timer = setTimeout(open, PATIENCE[Math.min(tries, PATIENCE.length - 1)]);
      tries += 1;
    };
  }
  function hurry() {
    if (socket.readyState === WebSocket.CLOSED && document.visibilityState === "visible") { tries = 0; open(); }
  }
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  open();
  return () => { over = true; clearTimeout(timer); socket.close(); };
}

async function answer(response) {
  let body = {};
  try { body = await response.json(); } catch { /* an answer without JSON says enough by its status */ }
  if (!response.ok) throw new Error((body.description ?? response.statusText).replace(/^Bad Request: /, ""));
  return body;
}

const json = (path, body) =>
  fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }).then(answer);

export const press = (person, message_id, data) => json("/chat/press", { person, message_id, data });
export const remove = (person, message_id) => json("/chat/delete", { person, message_id });
export const history = (person, before) => fetch(`/chat/history?person=${person}&before=${before}`).then(answer);

/** Send a text, or files (Blobs with a name) as "photo" or "document". */
export function send(person, { text = "", replyTo, kind, files = [], nonce }) {
  const form = new FormData();
  form.append("person", person);
  form.append("text", text);
  form.append("nonce", nonce);
  if (replyTo) form.append("reply_to", replyTo);
  if (files.length) form.append("kind", kind);
  files.forEach((file, index) => form.append(`file${index}`, file.blob, file.name));
  return fetch("/chat/send", { method: "POST", body: form }).then(answer);
}

export const fileUrl = id => `/chat/files/${encodeURIComponent(id)}`;
