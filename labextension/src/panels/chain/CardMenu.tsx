/** The menu of a card: the same moves as by hand, enable, why here, remove. */
import { useRef } from "preact/hooks";
import { rowsOf } from "../../core/chain-ops.js";
import type { ChainPoint, HookCard, LaneData } from "../../core/protocol.js";
import { useStore } from "../context.js";
import { Popover } from "../parts.js";
import type { ChainControl } from "./control.js";

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
  const lists = otherLists(point, own?.lane);
  const close = () => (control.menu.value = null);
  const pick = (act: () => void) => () => {
    close();
    act();
  };
  const nudge = (by: number) => pick(() => control.dispatch({ type: "nudge", id: hook.id, by }));
  const place = (to: number) => pick(() => control.dispatch({ type: "place", id: hook.id, at: to }));
  return (
    <Popover anchor={anchor} class="menu" role="menu" label={hook.name} onClose={close}>
      <div onKeyDown={walkItems}>
        <Item text="Move up" hint="Alt+↑" off={fixed || at === 0} onPick={nudge(-1)} />
        <Item text="Move down" hint="Alt+↓" off={fixed || at === lane.length - 1} onPick={nudge(1)} />
        <Item text="Move to top" off={fixed || at === 0} onPick={place(0)} />
        <Item text="Move to bottom" off={fixed || at === lane.length - 1} onPick={place(lane.length - 1)} />
        {lane.length > 2 && !fixed ? <Position at={at} last={lane.length} onPick={(to) => place(to)()} /> : null}
        {lists.length && !fixed ? <ToList lists={lists} onPick={(list) => pick(() => control.dispatch({ type: "send", id: hook.id, lane: list }))()} /> : null}
        <Item text={hook.enabled ? "Disable" : "Enable"} hint="D" off={hook.guest || !store.editable.value} onPick={pick(() => { control.toggle(hook.id); control.focusOn(hook.id); })} />
        <Item text="Edit source" hint="E" onPick={pick(() => control.edit(hook.id))} />
        <Item text="Why here?" onPick={pick(() => { control.why.value = hook.id; control.focusOn(hook.id); })} />
        <Item text="Remove" hint="Del" off={hook.guest || !store.editable.value} onPick={pick(() => control.remove(hook.id, point))} />
      </div>
    </Popover>
  );
}

/** The lists of the point that the hook could go to. */
function otherLists(point: ChainPoint, lane: string | undefined): LaneData[] {
  return point.lanes.filter((one) => one.name !== lane && one.label !== "" && one.kind !== undefined && !one.hooks.some((h) => h.guest));
}

function Item({ text, hint, off, onPick }: { text: string; hint?: string; off?: boolean; onPick: () => void }) {
  return (
    <button type="button" role="menuitem" class="btn mi" disabled={off ?? false} onClick={onPick}>
      <span>{text}</span>
      {hint ? <kbd>{hint}</kbd> : null}
    </button>
  );
}

function Position({ at, last, onPick }: { at: number; last: number; onPick: (at: number) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const go = (event: Event) => {
    event.preventDefault();
    onPick(Number(input.current?.value ?? at + 1) - 1);
  };
  return (
    <form class="mpos" onSubmit={go}>
      <label>
        Move to position <input ref={input} type="number" min={1} max={last} defaultValue={String(at + 1)} />
      </label>
      <button type="submit" class="btn line">Move</button>
    </form>
  );
}

/** The way to another list without dragging; lists that are shut say why. */
function ToList({ lists, onPick }: { lists: readonly LaneData[]; onPick: (list: LaneData) => void }) {
  const choice = useRef<HTMLSelectElement>(null);
  const go = (event: Event) => {
    event.preventDefault();
    const list = lists.find((one) => one.name === choice.current?.value);
    if (list) onPick(list);
  };
  return (
    <form class="mpos" onSubmit={go}>
      <label>
        To list{" "}
        <select ref={choice} class="pick">
          {lists.map((list) => (
            <option key={list.name} value={list.name} disabled={list.shut !== null}>
              {list.shut ? `${list.label} (shut: ${list.shut})` : list.label}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="btn line">Move</button>
    </form>
  );
}

function walkItems(event: KeyboardEvent): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  if (["INPUT", "SELECT"].includes((event.target as Element).tagName)) return;
  event.preventDefault();
  event.stopPropagation();
  const items = [...(event.currentTarget as Element).querySelectorAll<HTMLButtonElement>("[role=menuitem]:not([disabled])")];
  const at = items.indexOf(event.target as HTMLButtonElement);
  items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length]?.focus();
}
