// A photo over the whole window, with its neighbours a key away.

import { $ } from "./dom.js";
import { fileUrl } from "./net.js";
import { t } from "./words.js";

export class Lightbox {
  constructor(photos) {
    this.photos = photos;
    this.at = 0;
    this.dialog = $("lightbox");
    $("light-close").onclick = () => this.dialog.close();
    $("light-previous").onclick = () => this.step(-1);
    $("light-next").onclick = () => this.step(1);
    this.dialog.onclick = event => { if (!event.target.closest("button, a, img, p")) this.dialog.close(); };
    this.dialog.onkeydown = event => {
      if (event.key === "ArrowLeft") this.step(-1);
      if (event.key === "ArrowRight") this.step(1);
    };
    let from = null;
    this.dialog.addEventListener("pointerdown", event => { from = event.clientX; });
    this.dialog.addEventListener("pointerup", event => {
      if (from !== null && event.pointerType === "touch" && Math.abs(event.clientX - from) > 60) this.step(event.clientX < from ? 1 : -1);
      from = null;
    });
  }

  open(message) {
    this.at = this.photos().findIndex(one => one.message_id === message.message_id);
    this.show();
    if (!this.dialog.open) this.dialog.showModal();
  }

  step(by) {
    const to = this.at + by;
    if (to < 0 || to >= this.photos().length) return;
    this.at = to;
    this.show();
  }

  show() {
    const all = this.photos();
    const message = all[this.at];
    if (!message) return this.dialog.close();
    const largest = message.photo.at(-1);
    const picture = $("light-picture");
    picture.src = fileUrl(largest.file_id);
    picture.width = largest.width;
    picture.height = largest.height;
    picture.style.width = picture.style.height = "auto";
    picture.alt = message.caption ?? t("photo");
    $("light-caption").textContent = message.caption ?? "";
    $("light-count").textContent = all.length > 1 ? `${this.at + 1} / ${all.length}` : "";
    $("light-download").href = picture.src;
    $("light-download").download = `photo_${message.message_id}.jpg`;
    $("light-previous").hidden = this.at === 0;
    $("light-next").hidden = this.at === all.length - 1;
    return undefined;
  }
}
