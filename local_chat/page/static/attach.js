// Choosing what to send: the clip, a drop, a paste; a look at it first, then off it goes.

import { $, el, grow, icon } from "./dom.js";
import { asPhoto, readable } from "./pictures.js";
import { bytes, t } from "./words.js";

const MOST = 10;
const LARGEST = 50e6;

export class Attach {
  constructor(dispatch) {
    this.dispatch = dispatch;
    this.items = [];
    this.dialog = $("preview");
    $("attach").onclick = () => $("pick").click();
    $("preview-more").onclick = () => $("pick").click();
    $("pick").onchange = () => { this.add([...$("pick").files]); $("pick").value = ""; };
    $("preview-cancel").onclick = () => this.dialog.close();
    this.dialog.addEventListener("close", () => this.clear());
    this.dialog.querySelector("form").onsubmit = event => { event.preventDefault(); this.send(); };
    this.dialog.onclick = event => { if (event.target === this.dialog) this.dialog.close(); };
    $("preview-kind").onchange = () => this.draw();
    const caption = $("preview-caption");
    caption.oninput = () => grow(caption);
    caption.onkeydown = event => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.send(); }
    };
    addEventListener("paste", event => this.paste(event));
    this.watchDrops();
  }

  get kind() { return this.dialog.querySelector("input:checked")?.value ?? "photo"; }

  set kind(value) { this.dialog.querySelector(`input[value="${value}"]`).checked = true; }

  /** Put files before the person; `kind` when they have already said how. */
  async add(files, kind = null) {
    if (!files.length) return;
    this.note = "";
    for (const file of files) {
      if (file.size > LARGEST) { this.note = t("tooLarge"); continue; }
      if (!file.size) { this.note = t("empty"); continue; }
      if (this.items.length >= MOST) { this.note = t("tooMany"); break; }
      const isPicture = await readable(file);
      this.items.push({ file, isPicture, url: isPicture ? URL.createObjectURL(file) : null });
    }
    if (!this.dialog.open) {
      $("preview-caption").value = $("text").value;
      this.kind = kind ?? (this.items.every(item => item.isPicture) ? "photo" : "document");
      this.dialog.showModal();
    } else if (kind) this.kind = kind;
    this.draw();
    if (this.items.length) $("preview-caption").focus();
  }

  draw() {
    const pictures = this.items.every(item => item.isPicture);
    const choice = this.dialog.querySelector('input[value="photo"]');
    choice.disabled = !pictures;
    const mixed = !pictures && this.items.some(item => item.isPicture);
    if (!pictures) this.kind = "document";
    const asFiles = this.kind === "document";
    $("preview-title").textContent = t(asFiles ? "sendFiles" : "sendPhotos", this.items.length);
    $("preview-note").textContent = this.note || (mixed ? t("onlyFiles") : "");
    $("preview-send").disabled = !this.items.length;
    $("preview-more").hidden = this.items.length >= MOST;
    const box = $("preview-items");
    box.classList.toggle("listed", asFiles);
    box.replaceChildren(...this.items.map(item => this.figure(item, asFiles)));
  }

  figure(item, asFiles) {
    const name = item.file.name || t("unnamed");
    return el("figure", {},
      item.url ? el("img", { src: item.url, alt: name }) : el("span", { class: "sign" }, icon("file")),
      asFiles && el("figcaption", {}, el("b", {}, name), el("span", {}, bytes(item.file.size))),
      el("button", {
        type: "button", class: "out", "aria-label": t("takeOut", name),
        onclick: () => { this.drop(item); },
      }, icon("close")));
  }

  drop(item) {
    if (item.url) URL.revokeObjectURL(item.url);
    this.items = this.items.filter(one => one !== item);
    if (!this.items.length) this.dialog.close();
    else this.draw();
  }

  clear() {
    for (const item of this.items) if (item.url) URL.revokeObjectURL(item.url);
    this.items = [];
    $("preview-caption").value = "";
    $("preview-caption").style.height = "";
  }

  send() {
    const items = this.items;
    if (!items.length) return;
    const kind = this.kind;
    const text = $("preview-caption").value.trim();
    $("text").value = "";
    $("text").dispatchEvent(new Event("input"));
    this.items = []; // the pending message shows the same pictures: keep their addresses
    this.dialog.close();
    this.dispatch({
      kind, text, names: items.map(item => item.file.name || t("unnamed")), pictures: kind === "photo" ? items.map(item => item.url) : [],
      prepare: () => Promise.all(items.map(item => kind === "photo" ? asPhoto(item.file) : { blob: item.file, name: item.file.name || "file" })),
      done: () => items.forEach(item => item.url && URL.revokeObjectURL(item.url)),
    });
  }

  paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.add(files);
  }

  watchDrops() {
    const drop = $("drop");
    const carries = event => event.dataTransfer?.types.includes("Files");
    const hide = () => { drop.hidden = true; };
    addEventListener("dragenter", event => {
      if (!carries(event)) return;
      event.preventDefault();
      const kinds = [...event.dataTransfer.items].map(item => item.type);
      drop.classList.toggle("single", kinds.length > 0 && kinds.some(kind => kind && !kind.startsWith("image/")));
      drop.hidden = false;
    });
    addEventListener("dragover", event => {
      if (!carries(event)) return;
      event.preventDefault();
      for (const zone of drop.children) zone.classList.toggle("over", zone.contains(event.target));
    });
    addEventListener("dragleave", event => { if (!event.relatedTarget) hide(); });
    addEventListener("drop", event => {
      if (!carries(event)) return;
      event.preventDefault();
      const kind = event.target.closest?.(".zone")?.dataset.kind ?? null;
      hide();
      this.add([...event.dataTransfer.files], kind);
    });
    addEventListener("keydown", event => { if (event.key === "Escape") hide(); });
  }
}
