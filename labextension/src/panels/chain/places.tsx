/** Fields of a card's menu: a position, another list, the connections that it runs for. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { listName, type otherLists } from "../../core/onion.js";
import type { OpenConnection } from "../../core/chain-data.js";
import type { HookCard, LaneData } from "../../core/protocol.js";
import { useStore } from "../context.js";

function Place({ button, onGo, children }: { button: string; onGo: () => void; children: ComponentChildren }) {
  return (
    <form class="mpos" onSubmit={(event) => { event.preventDefault(); onGo(); }}>
      <label>{children}</label>
      <button type="submit" class="btn line">{button}</button>
    </form>
  );
}

export function Position({ at, last, onPick }: { at: number; last: number; onPick: (at: number) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <Place button="Move" onGo={() => onPick(Number(input.current?.value ?? at + 1) - 1)}>
      Move to position <input ref={input} type="number" min={1} max={last} defaultValue={String(at + 1)} />
    </Place>
  );
}

/** The way to another list without dragging; lists that are shut say why. */
export function ToList({ levels, onPick }: { levels: ReturnType<typeof otherLists>; onPick: (list: LaneData) => void }) {
  const choice = useRef<HTMLSelectElement>(null);
  const go = () => {
    const list = levels.flatMap(([, lists]) => lists).find((one) => one.name === choice.current?.value);
    if (list) onPick(list);
  };
  return (
    <Place button="Move" onGo={go}>
      To list{" "}
      <select ref={choice} class="pick">
        {levels.map(([level, lists]) => {
          const options = lists.map((list) => (
            <option key={list.name} value={list.name} disabled={list.shut !== null}>
              {list.shut ? `${listName(list)} (shut: ${list.shut})` : listName(list)}
            </option>
          ));
          return level ? <optgroup key={level} label={level}>{options}</optgroup> : options;
        })}
      </select>
    </Place>
  );
}

/** One of the clients that are connected now, or all again; a scope of several, or of one that is gone, is named. */
export function OnlyFor({ hook, onPick }: { hook: HookCard; onPick: (connections: number[] | null) => void }) {
  const store = useStore();
  const choice = useRef<HTMLSelectElement>(null);
  const [picked, setPicked] = useState<string | null>(null); // what is drawn anew keeps what the person chose
  const [open, setOpen] = useState<readonly OpenConnection[]>([]);
  useEffect(() => void store.edits.connections().then(setOpen, () => setOpen([])), []);
  const scope = hook.connections ?? null;
  const now = scope === null ? "all" : scope.join();
  const named = scope !== null && !(scope.length === 1 && open.some((one) => one.connection === scope[0]));
  const go = () => {
    const value = choice.current?.value ?? now;
    if (value !== now) onPick(value === "all" ? null : [Number(value)]);
  };
  return (
    <Place button="Set" onGo={go}>
      Only for{" "}
      <select ref={choice} class="pick" value={picked ?? now} onChange={(event) => setPicked(event.currentTarget.value)}>
        <option value="all">all connections</option>
        {named ? <option value={now}>{scopeWords(scope)}</option> : null}
        {open.map((one) => <option key={one.connection} value={String(one.connection)}>{`c${one.connection} ${one.path} ${one.remote}`.trim()}</option>)}
        {open.length ? null : <option disabled>no client is connected</option>}
      </select>
    </Place>
  );
}

/** `c1, c2 and more`: the bench names the first nine. */
export function scopeWords(connections: readonly number[]): string {
  if (!connections.length) return "no connection";
  return connections.slice(0, 8).map((n) => `c${n}`).join(", ") + (connections.length > 8 ? " and more" : "");
}
