// Where the reader is: at the end, and kept there, or further up, and left in peace.

import { $ } from "./dom.js";

const NEAR = 90;

export class Scroll {
  constructor(onTop) {
    this.scroller = $("scroller");
    this.atEnd = true;
    this.unread = 0;
    this.scroller.addEventListener("scroll", () => {
      this.atEnd = this.distance() < NEAR;
      if (this.atEnd) this.unread = 0;
      if (this.scroller.scrollTop < 240) onTop();
      this.show();
    }, { passive: true });
    const stay = new ResizeObserver(() => { if (this.atEnd) this.toEnd(false); });
    stay.observe($("messages"));
    stay.observe(this.scroller);
    $("to-end").addEventListener("click", () => this.toEnd(true));
  }

  distance() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight;
  }

  toEnd(smooth) {
    this.unread = 0;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth && !calm() ? "smooth" : "instant" });
    this.atEnd = true;
    this.show();
  }

  /** Something arrived from the bot while the reader was further up. */
  missed() {
    if (this.atEnd) return;
    this.unread += 1;
    this.show();
  }

  show() {
    $("to-end").hidden = this.atEnd || this.distance() < NEAR;
    $("unread").hidden = !this.unread;
    $("unread").textContent = this.unread;
  }

  /** Put something above the view without moving what is being read. */
  steady(change) {
    const before = this.scroller.scrollHeight - this.scroller.scrollTop;
    change();
    this.scroller.scrollTop = this.scroller.scrollHeight - before;
  }
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
