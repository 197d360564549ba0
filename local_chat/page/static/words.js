// The page's own texts, in the person's language.

const WORDS = {
  en: {
    people: "Who is talking, and in which language", messages: "Messages", toEnd: "To the latest message",
    commands: "Commands", cancel: "Cancel", attach: "Attach photos or files", write: "Message",
    send: "Send", start: "Start", talkAs: "Talk as", language: "Language",
    peopleNote: "Each person has a conversation of their own. Open two tabs to be two people at once.",
    dropPhoto: "Send as photo", dropPhotoNote: "Quick, made smaller as messengers do",
    dropFile: "Send as file", dropFileNote: "Every pixel kept", sendAs: "How to send",
    asPhoto: "Photo", asFile: "File", caption: "Add a caption", addMore: "Add more",
    picture: "Picture", download: "Download", close: "Close", previous: "Previous", next: "Next",
    ok: "OK", offline: "The connection is lost. Trying again…",
    bot: "bot", away: "not running at the moment", connecting: "connecting…", you: "You",
    reply: "Reply", remove: "Delete", retry: "Try again", discard: "Discard", spoiler: "Show the hidden text",
    notSent: "Not sent", photo: "Photo", document: "File", sticker: "Sticker", voice: "Voice message",
    video: "Video", animation: "GIF", other: "A message of another kind", today: "Today", yesterday: "Yesterday",
    edited: "edited", more: "Show earlier messages", sendPhotos: n => n === 1 ? "Send a photo" : `Send ${n} photos`,
    sendFiles: n => n === 1 ? "Send a file" : `Send ${n} files`, onlyFiles: "Not every one of these can be shown as a photo, so they go as files.",
    tooMany: "Ten at a time: the first ten are here.", tooLarge: "Files may be up to 50 MB.", takeOut: name => `Take out ${name}`,
    unnamed: "picture", welcome: "Send a message to begin.", empty: "This file is empty.", openPhoto: "Open the photo", expired: "The bot did not answer in time.",
  },
  ru: {
    people: "Кто говорит и на каком языке", messages: "Сообщения", toEnd: "К последнему сообщению",
    commands: "Команды", cancel: "Отмена", attach: "Прикрепить фото или файлы", write: "Сообщение",
    send: "Отправить", start: "Начать", talkAs: "Говорить как", language: "Язык",
    peopleNote: "У каждого свой разговор. Откройте две вкладки, чтобы быть двумя людьми сразу.",
    dropPhoto: "Отправить как фото", dropPhotoNote: "Быстро, с уменьшением, как в мессенджерах",
    dropFile: "Отправить как файл", dropFileNote: "Без потери качества", sendAs: "Как отправить",
    asPhoto: "Фото", asFile: "Файл", caption: "Добавить подпись", addMore: "Ещё",
    picture: "Картинка", download: "Скачать", close: "Закрыть", previous: "Предыдущая", next: "Следующая",
    ok: "Понятно", offline: "Связь потеряна. Пробуем снова…",
    bot: "бот", away: "сейчас не запущен", connecting: "соединение…", you: "Вы",
    reply: "Ответить", remove: "Удалить", retry: "Ещё раз", discard: "Убрать", spoiler: "Показать скрытый текст",
    notSent: "Не отправлено", photo: "Фото", document: "Файл", sticker: "Стикер", voice: "Голосовое сообщение",
    video: "Видео", animation: "GIF", other: "Сообщение другого вида", today: "Сегодня", yesterday: "Вчера",
    edited: "изменено", more: "Показать более ранние", sendPhotos: n => n === 1 ? "Отправить фото" : `Отправить ${n} фото`,
    sendFiles: n => n === 1 ? "Отправить файл" : `Отправить файлы: ${n}`, onlyFiles: "Не всё здесь можно показать как фото, поэтому уйдёт файлами.",
    tooMany: "Не больше десяти за раз: взяты первые десять.", tooLarge: "Файл может быть не больше 50 МБ.", takeOut: name => `Убрать ${name}`,
    unnamed: "картинка", welcome: "Напишите что-нибудь, чтобы начать.", empty: "Этот файл пуст.", openPhoto: "Открыть фото", expired: "Бот не ответил вовремя.",
  },
};

let language = "en";

/** The text for a key; those that count something take the number. */
export function t(key, ...values) {
  const word = WORDS[language][key] ?? WORDS.en[key] ?? key;
  return typeof word === "function" ? word(...values) : word;
}

/** Whether there is a text for this key. */

export const locale = () => language;

/** Choose the language (anything but Russian reads English) and fill the page with it. */
export function speak(code) {
  language = code.startsWith("ru") ? "ru" : "en";
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-t-label]")) {
    node.setAttribute("aria-label", t(node.dataset.tLabel));
    if (node.matches("button, a")) node.title = t(node.dataset.tLabel);
  }
  for (const node of document.querySelectorAll("[data-t-hint]")) node.placeholder = t(node.dataset.tHint);
}

export const clock = seconds =>
  new Date(seconds * 1000).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** "Today", "Yesterday" or the date. */
export function day(seconds) {
  const date = new Date(seconds * 1000);
  const back = Math.round((new Date().setHours(0, 0, 0, 0) - date.setHours(0, 0, 0, 0)) / 864e5);
  if (back === 0) return t("today");
  if (back === 1) return t("yesterday");
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString(language, { day: "numeric", month: "long", year });
}

export function bytes(count) {
  const units = language === "ru" ? ["Б", "КБ", "МБ"] : ["B", "KB", "MB"];
  let step = 0;
  while (count >= 1000 && step < 2) { count /= 1000; step += 1; }
  return `${count.toLocaleString(language, { maximumFractionDigits: step && count < 100 ? 1 : 0 })} ${units[step]}`;
}
