// Who is talking, and in which language.

import { $, el, icon } from "./dom.js";

const LANGUAGES = { en: "English", ru: "Русский" };

export const personHere = () => {
  const asked = new URLSearchParams(location.search).get("person") ?? "1";
  return /^[1-9]\d{0,14}$/.test(asked) ? Number(asked) : 1;
};

/** The person's language: chosen before, or the browser's. */
export function languageOf(person) {
  return localStorage.getItem(`language:${person}`) ?? (navigator.language || "en").toLowerCase().split("-")[0];
}

export function initial(name, id) {
  const node = el("span", { class: "initial", "aria-hidden": "true" }, [...name][0] ?? "?");
  node.style.setProperty("--hue", String((id * 137 + 90) % 360));
  return node;
}

export function showPeople(person, people, language, onLanguage) {
  $("me").replaceChildren(initial(person.name, person.id), el("span", { class: "name" }, person.name));
  const all = people.some(one => one.id === person.id) ? people : [...people, person];
  $("people-list").replaceChildren(...all.map(one => el("a", {
    href: `/?person=${one.id}`, "aria-current": one.id === person.id ? "true" : undefined,
  }, initial(one.name, one.id), one.name, one.id === person.id && icon("check"))));
  const codes = { ...LANGUAGES };
  if (!(language in codes)) codes[language] = new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
  $("language").replaceChildren(...Object.entries(codes).map(([value, label]) => el("option", { value, selected: value === language }, label)));
  $("language").onchange = () => {
    localStorage.setItem(`language:${person.id}`, $("language").value);
    onLanguage($("language").value);
  };
}
