/** The menu of a card: what can be done by hand, and what only stands here. Fields for a place are below the items. */
import { rowsOf } from "../../core/chain-ops.js";
import { otherLists } from "../../core/onion.js";
import type { ChainPoint, HookCard } from "../../core/protocol.js";
import { useStore } from "../context.js";
import { Popover } from "../parts.js";
import type { ChainControl } from "./control.js";
import { OnlyFor, Position, ToList } from "./places.js";

interface MenuProps {
  hook: HookCard;
  point: ChainPoint;
  control: ChainControl;
  anchor: () => Element | null;
}

export function CardMenu({ hook, point, control, anchor }: MenuProps) {
  const store = useStore();
  const rows = rowsOf(point);
  const own = rows.find((r) => r.id === hook.id);
  const lane = rows.filter((r) => r.movable && r.lane === own?.lane);
  const at = lane.findIndex((r) => r.id === hook.id);
  const fixed = at < 0 || !store.editable.value;
  const levels = otherLists(point, hook.id);
  const close = () => (control.menu.value = null);
  const pick = (act: () => void) => () => {
    close();
    act();
  };
  const nudge = (by: number) => pick(() => control.dispatch({ type: "nudge", id: hook.id, by }));
  const place = (to: number) => pick(() => control.dispatch({ type: "place", id: hook.id, at: to }));
  const off = hook.guest || !store.editable.value;
  const { edits } = store;
  const back = (act: () => unknown) => pick(() => { act(); control.focusOn(hook.id); });
  return (
    <Popover anchor={anchor} class="menu" label={`What to do with ${hook.name}`} first="[role^=menuitem]:not([disabled])" onClose={close}>
      <div role="menu" aria-label={hook.name} onKeyDown={walkItems}>
        <Item text="Move up" hint="Alt+↑" off={fixed || at === 0} onPick={nudge(-1)} />
        <Item text="Move down" hint="Alt+↓" off={fixed || at === lane.length - 1} onPick={nudge(1)} />
        <Item text="Move to top" off={fixed || at === 0} onPick={place(0)} />
        <Item text="Move to bottom" off={fixed || at === lane.length - 1} onPick={place(lane.length - 1)} />
        <Item text="Duplicate" title="A copy right behind it" off={off} onPick={back(() => edits.duplicate(hook.id))} />
        <Item text="Wrap" title={wrapped(hook)} off={off} onPick={back(() => edits.wrap(hook.id))} />
        <Item text="Run as shadow" title="Runs and is traced, without effect" checked={hook.shadow ?? false} off={off} onPick={back(() => edits.shadow(hook.id, !hook.shadow))} />
        <Item text="Has outside effects" title="It touches a database, another server ...: drafts of it are never tried on recorded events" checked={hook.effects === "outside"} off={off} onPick={back(() => edits.outside(hook.id, hook.effects !== "outside"))} />
        <Item text={hook.enabled ? "Disable" : "Enable"} hint="D" off={off} onPick={back(() => control.toggle(hook.id))} />
        <Item text="Edit source" hint="E" onPick={pick(() => control.edit(hook.id))} />
        <Item text="Why here?" onPick={back(() => (control.why.value = hook.id))} />
        <Item text="Remove" hint="Del" off={off} onPick={pick(() => control.remove(hook.id, point))} />
      </div>
      {lane.length > 1 && !fixed ? <Position at={at} last={lane.length} onPick={(to) => place(to)()} /> : null}
      {levels.length && !fixed ? <ToList levels={levels} onPick={(list) => pick(() => control.dispatch({ type: "send", id: hook.id, lane: list }))()} /> : null}
      {off ? null : <OnlyFor hook={hook} onPick={(connections) => back(() => edits.confine(hook.id, connections))()} />}
    </Popover>
  );
}

function wrapped(hook: HookCard): string {
  return hook.kind === "around" ? "Another around hook directly outside of it, for you to edit" : "Its next version calls this one and prints time and result, for you to edit";
}

interface ItemProps {
  text: string;
  hint?: string;
  title?: string;
  /** Whether it is on, for one that is on or off. */
  checked?: boolean;
  off?: boolean;
  onPick: () => void;
}

function Item({ text, hint, title, checked, off, onPick }: ItemProps) {
  const toggle = checked === undefined ? { role: "menuitem" as const } : { role: "menuitemcheckbox" as const, "aria-checked": checked };
  return (
    <button type="button" {...toggle} class="btn mi" disabled={off ?? false} onClick={onPick} {...(title ? { title } : {})}>
      <span>{text}</span>
      {hint ? <kbd>{hint}</kbd> : null}
      {checked ? <span aria-hidden="true">✓</span> : null}
    </button>
  );
}

function walkItems(event: KeyboardEvent): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  event.stopPropagation();
  const items = [...(event.currentTarget as Element).querySelectorAll<HTMLButtonElement>("[role^=menuitem]:not([disabled])")];
  const at = items.indexOf(event.target as HTMLButtonElement);
  items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length]?.focus();
}
