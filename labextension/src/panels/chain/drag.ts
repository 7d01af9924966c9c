/**
 * Dragging a card with the pointer. The DOM is not re-rendered while the card is in the hand: it follows by transform, the
 * others make room by transform, and only what the reorder machine says is drawn anew at the drop.
 */
import type { ChainControl } from "./control.js";

const THRESHOLD = 4;
const EDGE = 28;

interface Slot {
  element: HTMLElement;
  id: string;
  top: number;
  height: number;
}

/** Called on pointerdown at a grip; everything else hangs on one AbortController. */
export function startDrag(down: PointerEvent, id: string, list: HTMLElement, control: ChainControl): void {
  const grip = down.currentTarget as HTMLElement;
  const card = grip.closest<HTMLElement>("[data-hook]");
  if (!card || down.button !== 0) return;
  grip.setPointerCapture(down.pointerId);
  const drag = new Drag(down, id, card, list, control);
  const { signal } = drag.life;
  grip.addEventListener("pointermove", (event) => drag.move(event), { signal });
  grip.addEventListener("pointerup", () => drag.end("drop"), { signal });
  grip.addEventListener("pointercancel", () => drag.end("cancel"), { signal });
  grip.addEventListener("lostpointercapture", () => drag.end("cancel"), { signal });
  grip.addEventListener("keydown", (event) => drag.key(event), { signal });
}

class Drag {
  readonly life = new AbortController();
  private slots: Slot[] = [];
  private scroller: HTMLElement | null;
  private scrolledFrom = 0;
  private lifted = false;

  constructor(
    private readonly down: PointerEvent,
    private readonly id: string,
    private readonly card: HTMLElement,
    private readonly list: HTMLElement,
    private readonly control: ChainControl,
  ) {
    this.scroller = card.closest<HTMLElement>(".body");
  }

  private lift(): void {
    this.control.dispatch({ type: "lift", id: this.id, via: "pointer" });
    const lifted = this.control.state.value.lifted;
    if (!lifted) return this.end("cancel");
    this.lifted = true;
    this.slots = lifted.order.flatMap((id) => this.slotOf(id));
    this.scrolledFrom = this.scroller?.scrollTop ?? 0;
  }

  private slotOf(id: string): Slot[] {
    const element = this.list.querySelector<HTMLElement>(`[data-hook="${CSS.escape(id)}"]`);
    if (!element) return [];
    const rect = element.getBoundingClientRect();
    return [{ element, id, top: rect.top, height: rect.height }];
  }

  move(event: PointerEvent): void {
    const dy = event.clientY - this.down.clientY;
    if (!this.lifted) {
      if (Math.hypot(event.clientX - this.down.clientX, dy) < THRESHOLD) return;
      this.lift();
      if (!this.lifted) return;
    }
    this.scrollAtEdges(event.clientY);
    const scrolled = (this.scroller?.scrollTop ?? 0) - this.scrolledFrom;
    this.card.style.transform = `translate(${clamp(event.clientX - this.down.clientX, 24)}px, ${dy + scrolled}px)`;
    const reason = this.shutAt(event);
    const lane = reason ? null : this.laneAt(event);
    if (reason) this.control.dispatch({ type: "shut", reason });
    else if (lane) this.control.dispatch({ type: "lane", lane });
    else this.control.dispatch({ type: "to", at: this.indexAt(dy + scrolled) });
    this.makeRoom();
  }

  private scrollAtEdges(y: number): void {
    const box = this.scroller?.getBoundingClientRect();
    if (!this.scroller || !box) return;
    if (y < box.top + EDGE) this.scroller.scrollTop -= 8;
    else if (y > box.bottom - EDGE) this.scroller.scrollTop += 8;
  }

  /** The place whose neighbours' middles the lifted card's middle lies between. */
  private indexAt(dy: number): number {
    const own = this.slots.find((s) => s.id === this.id);
    if (!own) return 0;
    const middle = own.top + dy + own.height / 2;
    return this.slots.filter((s) => s.id !== this.id && s.top + s.height / 2 < middle).length;
  }

  /** Over another point or lane: why the card cannot be dropped there. */
  private shutAt(event: PointerEvent): string | null {
    const under = document.elementsFromPoint?.(event.clientX, event.clientY).find((e) => e instanceof HTMLElement && e.dataset["shut"] && !this.list.contains(e));
    return (under as HTMLElement | undefined)?.dataset["shut"] ?? null;
  }

  /** Over the name of another list, at the panel's foot. */
  private laneAt(event: PointerEvent): { name: string; label: string } | null {
    const under = document.elementsFromPoint?.(event.clientX, event.clientY).find((e) => e instanceof HTMLElement && e.dataset["lane"] !== undefined);
    const name = (under as HTMLElement | undefined)?.dataset["lane"];
    return name === undefined ? null : { name, label: under?.textContent ?? name };
  }

  private makeRoom(): void {
    const lifted = this.control.state.value.lifted;
    const own = this.slots.find((s) => s.id === this.id);
    if (!lifted || !own) return;
    this.slots.forEach((slot, index) => {
      if (slot === own) return;
      const up = index > lifted.from && index <= lifted.at;
      const down = index < lifted.from && index >= lifted.at;
      slot.element.style.transform = up ? `translateY(${-own.height}px)` : down ? `translateY(${own.height}px)` : "";
    });
  }

  key(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !this.lifted) return;
    event.preventDefault();
    event.stopPropagation();
    this.end("cancel");
  }

  end(how: "drop" | "cancel"): void {
    if (this.life.signal.aborted) return;
    this.life.abort();
    // The classes that animate go with the state, in the same drawing: the cards stand in their new order at once.
    for (const { element } of this.slots) element.style.transform = "";
    if (this.lifted) this.control.dispatch({ type: how });
    else this.control.focusOn(this.id);
  }
}

function clamp(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}
