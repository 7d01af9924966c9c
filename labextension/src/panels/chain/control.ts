/** Feeds the reorder machine from every gesture, speaks what it says, and sends the edit it ends in. */
import { signal } from "@preact/signals";
import { findHook, hooksOf, rowsOf } from "../../core/chain-ops.js";
import type { ChainPoint } from "../../core/protocol.js";
import { IDLE, reorder, type Move, type Reorder, type ReorderEvent } from "../../core/reorder.js";
import type { BenchStore } from "../../core/store.js";
import { going } from "../keys.js";

export class ChainControl {
  readonly state = signal<Reorder>(IDLE);
  /** Where the cards are; set by the panel that draws them. */
  list: HTMLElement | null = null;
  readonly why = signal<string | null>(null);
  readonly menu = signal<string | null>(null);

  constructor(readonly store: BenchStore, private readonly view = 0) {}

  dispatch(event: ReorderEvent): void {
    const id = "id" in event ? event.id : this.state.value.lifted?.id;
    const place = id ? findHook(this.store.edits.chain.value, id) : null;
    if (!id || !place || !this.allowed(event)) return;
    const outcome = reorder(this.state.value, event, rowsOf(place.point));
    const wasLifted = this.state.value.lifted !== null;
    const isLifted = outcome.state.lifted !== null;
    if (isLifted && !wasLifted) this.store.edits.hold(true);
    this.state.value = outcome.state;
    if (!isLifted && wasLifted) this.store.edits.hold(false);
    if (outcome.say) this.store.say(outcome.say);
    if (outcome.move) this.send(outcome.move);
    if (event.type !== "shut" && this.viaKeys(event)) this.focusOn(id);
  }

  private send(move: Move): void {
    const { edits } = this.store;
    void (move.lane === undefined ? edits.move(move.hook, move.before) : edits.send(move.hook, move.lane));
  }

  private allowed(event: ReorderEvent): boolean {
    const begins = event.type === "lift" || event.type === "place" || event.type === "nudge" || event.type === "send";
    if (!begins || this.store.editable.value) return true;
    this.store.say("Not connected to the bench: editing is off");
    return false;
  }

  private viaKeys(event: ReorderEvent): boolean {
    return event.type !== "to" && event.type !== "lane" && !(event.type === "lift" && event.via === "pointer");
  }

  /**
   * Focus a card's grip once the panel has been drawn. The drawing is a microtask that is queued by now, so this one runs
   * after it and before the next key: a card that moves in the document loses the focus, and no key may slip past it.
   */
  focusOn(id: string): void {
    queueMicrotask(() => this.list?.querySelector<HTMLElement>(`[data-hook="${CSS.escape(id)}"] .grip`)?.focus());
  }

  /** Keys on any part of a card. Space is left to buttons other than the grip. */
  key(event: KeyboardEvent, id: string, point: ChainPoint): void {
    const handled = this.state.value.lifted ? this.liftedKey(event) : this.restingKey(event, id, point);
    if (!handled) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private liftedKey(event: KeyboardEvent): boolean {
    switch (event.key) {
      case "ArrowUp":
        this.dispatch({ type: "step", by: -1 });
        return true;
      case "ArrowDown":
        this.dispatch({ type: "step", by: 1 });
        return true;
      case "Home":
        this.dispatch({ type: "to", at: 0 });
        return true;
      case "End":
        this.dispatch({ type: "to", at: Number.MAX_SAFE_INTEGER });
        return true;
      case " ":
      case "Enter":
        this.dispatch({ type: "drop" });
        return true;
      case "Escape":
      case "Tab":
        this.dispatch({ type: "cancel" });
        return event.key === "Escape";
      default:
        return event.key.length === 1;
    }
  }

  private restingKey(event: KeyboardEvent, id: string, point: ChainPoint): boolean {
    const onGrip = (event.target as Element | null)?.classList.contains("grip") ?? false;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const by = event.key === "ArrowUp" ? -1 : 1;
      if (event.altKey) this.dispatch({ type: "nudge", id, by });
      else if (onGrip) this.walk(id, by, point);
      return event.altKey || onGrip;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.key === " " && onGrip) {
      this.dispatch({ type: "lift", id, via: "keys" });
      return true;
    }
    if (event.key === "d" || event.key === "D") return this.toggle(id);
    if ((event.key === "e" || event.key === "E") && !going()) return this.edit(id);
    if (event.key === "Delete" || event.key === "Backspace") return this.remove(id, point);
    return false;
  }

  private walk(id: string, by: number, point: ChainPoint): void {
    const hooks = hooksOf(point);
    const next = hooks[hooks.findIndex((h) => h.id === id) + by];
    if (next) this.focusOn(next.id);
  }

  /** Open the source of a hook, in the view of this panel. */
  edit(id: string): boolean {
    this.store.sources.edit(id, this.view);
    return true;
  }

  toggle(id: string): boolean {
    const hook = findHook(this.store.edits.chain.value, id)?.hook;
    if (!hook || hook.guest || !this.store.editable.value) return false;
    void this.store.edits.enable(id, !hook.enabled);
    return true;
  }

  remove(id: string, point: ChainPoint): boolean {
    const hooks = hooksOf(point);
    const at = hooks.findIndex((h) => h.id === id);
    if (at < 0 || hooks[at]?.guest || !this.store.editable.value) return false;
    const next = hooks[at + 1] ?? hooks[at - 1];
    void this.store.edits.remove(id);
    if (next) this.focusOn(next.id);
    return true;
  }
}
