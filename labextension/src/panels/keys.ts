/** Keys of the bench as a whole. They reach nobody outside it: the notebook's command mode would cut cells on `x`. */
import type { BenchStore } from "../core/store.js";
import { stepEvents } from "./walk.js";

const PANELS: Record<string, string> = { c: "chain", e: "events", i: "inspector", k: "console", h: "history", t: "timeline", s: "side" };
const GO_WITHIN = 1200;
let goPressed = 0;

/** Whether `g` was pressed just now, so that the next key names a panel. */
export const going = () => Date.now() - goPressed < GO_WITHIN;

export function benchKeys(event: KeyboardEvent, store: BenchStore, root: HTMLElement | null, view: number): void {
  // Saving stays everybody's: the browser and JupyterLab get it, wherever the focus is.
  const saving = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";
  if (!saving) event.stopPropagation();
  if (event.defaultPrevented || isTyping(event)) return;
  if (act(event, store, root, view)) event.preventDefault();
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  const typing = target?.tagName === "INPUT" || target?.tagName === "TEXTAREA" || target?.tagName === "SELECT";
  if (typing && event.key === "Escape") target?.blur();
  return typing || target?.isContentEditable === true;
}

function act(event: KeyboardEvent, store: BenchStore, root: HTMLElement | null, view: number): boolean {
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && key === "z") {
    void (event.shiftKey ? store.edits.redo() : store.edits.undo());
    return true;
  }
  if ((event.ctrlKey || event.metaKey) && key === "y") {
    void store.edits.redo();
    return true;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const wentTo = going() ? PANELS[key] : undefined;
  goPressed = key === "g" ? Date.now() : 0;
  if (wentTo) return goTo(root, wentTo);
  return plainKey(key, store, root, view);
}

function plainKey(key: string, store: BenchStore, root: HTMLElement | null, view: number): boolean {
  switch (key) {
    case "/":
      if (store.editable.value) store.palette.value = { point: null, view };
      return true;
    case "j":
      stepEvents(store, 1);
      return true;
    case "k":
      stepEvents(store, -1);
      return true;
    case "p":
      store.pauseView(!store.paused.value);
      return true;
    case "escape":
      return leave(root);
    default:
      return false;
  }
}

/** Escape gives the keys back to the notebook. */
function leave(root: HTMLElement | null): boolean {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !root?.contains(focused)) return false;
  focused.blur();
  root.closest<HTMLElement>(".jp-Notebook")?.focus();
  return true;
}

/** Scroll a panel into view and focus its first control. */
export function goTo(root: HTMLElement | null, panel: string): boolean {
  const element = root?.querySelector<HTMLElement>(`[data-panel="${panel}"]`);
  element?.scrollIntoView?.({ block: "nearest" });
  element?.querySelector<HTMLElement>(".card .grip, tr[tabindex='0'], .cmp input, button:not([disabled])")?.focus();
  return element !== undefined && element !== null;
}
