/** The chain: every hook point of the bench, what stands there and in which order it runs. */
import { Fragment } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { findHook, hooksOf } from "../../core/chain-ops.js";
import { listName, otherLists } from "../../core/onion.js";
import type { Lifted } from "../../core/reorder.js";
import { count, plural } from "../../core/format.js";
import type { ChainData, ChainPoint, LaneData } from "../../core/protocol.js";
import { useKept, useStore, useView } from "../context.js";
import { Awaited, Starters } from "../Empty.js";
import { Icon } from "../icons.js";
import { IconButton, PanelHead } from "../parts.js";
import { ChainControl } from "./control.js";
import { PaletteBox } from "./Palette.js";
import { Picker } from "./Picker.js";
import { PointView } from "./Point.js";

/** Up to this many cards everything is open; beyond, only the busiest point. */
const OPEN_CARDS = 6;

export function ChainPanel() {
  const store = useStore();
  const view = useView();
  const control = useMemo(() => new ChainControl(store, view), [store, view]);
  const chain = store.edits.chain.value;
  const moving = control.state.value.lifted;
  const empty = chain !== null && chain.points.every((p) => hooksOf(p).length === 0);
  return (
    <section class="pn chain" aria-label="Chain" data-panel="chain">
      <PanelHead title="Chain">
        <Picker chain={chain} />
        {moving ? <span class="mut">moving, not applied yet</span> : null}
        <span class="sp" />
        <AddButton />
      </PanelHead>
      <div class="body scroll" ref={(element) => { control.list = element; }}>
        <Awaited view="chain">{empty ? <Starters /> : <Points points={chain?.points ?? []} control={control} />}</Awaited>
      </div>
      {moving ? <MovingFoot lifted={moving} chain={chain} /> : <Foot empty={empty} />}
    </section>
  );
}

function AddButton() {
  const store = useStore();
  const anchor = useRef<HTMLSpanElement>(null);
  const view = useView();
  const open = store.palette.value?.view === view;
  return (
    <span ref={anchor}>
      <IconButton icon="i-plus" label="Add a hook (/)" expanded={open} disabled={!store.editable.value} onClick={() => (store.palette.value = open ? null : { point: null, view })} />
      {open ? <PaletteBox anchor={() => anchor.current?.querySelector("button") ?? null} /> : null}
    </span>
  );
}

function Points({ points, control }: { points: readonly ChainPoint[]; control: ChainControl }) {
  const toggled = useKept<ReadonlyMap<string, boolean>>("points open", new Map());
  const store = useStore();
  const filled = points.filter((p) => hooksOf(p).length || toggled.value.get(p.name) || p.name === store.palette.value?.point);
  const total = filled.reduce((n, p) => n + hooksOf(p).length, 0);
  const busiest = filled.reduce<ChainPoint | null>((best, p) => (!best || hooksOf(p).length > hooksOf(best).length ? p : best), null);
  const isOpen = (p: ChainPoint) => toggled.value.get(p.name) ?? (total <= OPEN_CARDS || p === busiest);
  const toggle = (p: ChainPoint, open: boolean) => (toggled.value = new Map(toggled.value).set(p.name, open));
  const rest = points.filter((p) => !filled.includes(p));
  const showRest = useKept("empty points", false);
  return (
    <>
      {filled.map((p) => (
        <PointView key={p.name} point={p} control={control} open={isOpen(p)} onToggle={() => toggle(p, !isOpen(p))} />
      ))}
      {showRest.value ? rest.map((p) => <PointView key={p.name} point={p} control={control} open={false} onToggle={() => toggle(p, true)} />) : null}
      {rest.length ? (
        <button type="button" class="btn mut rest" aria-expanded={showRest.value} onClick={() => (showRest.value = !showRest.value)}>
          {plural(rest.length, "empty point")}
          <Icon name={showRest.value ? "i-down" : "i-right"} small />
        </button>
      ) : null}
    </>
  );
}

function Foot({ empty }: { empty: boolean }) {
  const store = useStore();
  const view = useView();
  const chain = store.edits.chain.value;
  const total = chain?.points.reduce((n, p) => n + hooksOf(p).length, 0) ?? 0;
  return (
    <div class="pf">
      <button type="button" class="btn line" disabled={!store.editable.value} onClick={() => (store.palette.value = { point: null, view })}>
        <Icon name={empty ? "i-search" : "i-plus"} />
        {empty ? "All ready-made hooks" : "Add hook"} <kbd>/</kbd>
      </button>
      <span class="sp" />
      {empty || !chain ? null : <span class="mut fs1">{count(total)} {total === 1 ? "hook" : "hooks"}</span>}
    </div>
  );
}

function MovingFoot({ lifted, chain }: { lifted: Lifted; chain: ChainData | null }) {
  const { shut } = lifted;
  const place = findHook(chain, lifted.id);
  const levels = place ? otherLists(place.point, lifted.id) : [];
  return (
    <div class="pf moving">
      {levels.length ? (
        <div class="lists" role="group" aria-label="Other lists to drop into">
          {levels.map(([level, lists]) => (
            <Fragment key={level}>
              {level ? <span class="mut fs1">{level}</span> : null}
              <ul aria-label={level || "Lists"}>{lists.map((lane) => <DropList key={lane.name} lane={lane} here={lifted.lane?.name === lane.name} />)}</ul>
            </Fragment>
          ))}
        </div>
      ) : null}
      {shut ? (
        <span class="slot shut">
          <Icon name="i-lock" as="" />
          <span>shut: {shut}</span>
        </span>
      ) : (
        <>
          <kbd>↑</kbd>
          <kbd>↓</kbd> <span class="mut">move</span> <kbd>Space</kbd> <span class="mut">drop</span> <kbd>Esc</kbd> <span class="mut">put back</span>
        </>
      )}
    </div>
  );
}

function DropList({ lane, here }: { lane: LaneData; here: boolean }) {
  if (lane.shut) return <li data-shut={lane.shut} title={lane.shut} class="shut">{listName(lane)}</li>;
  return <li data-lane={lane.name} title={lane.label} class={here ? "here" : ""}>{listName(lane)}</li>;
}
