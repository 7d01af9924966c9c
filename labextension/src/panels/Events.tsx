/** The list of events: newest first, outcome, work and wait to one scale, a second line for what stopped or raised. */
import { Fragment } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { scaleFor } from "../core/bars.js";
import { count, duration, minute } from "../core/format.js";
import type { EventRow, EventsData } from "../core/protocol.js";
import { editWords } from "../core/python.js";
import { useStore } from "./context.js";
import { Awaited, Commands, NothingYet } from "./Empty.js";
import { EventRowView } from "./EventRow.js";
import { FilterLine } from "./FilterLine.js";
import { Icon } from "./icons.js";
import { PanelHead } from "./parts.js";
import { useSlots } from "./slots.js";
import { useVirtual } from "./virtual.js";
import { walkEvents } from "./walk.js";

/** Characters of a point's name that the column holds as it is; longer ones get a wider one, and two lines. */
const LONG = 9;

export function Events() {
  const store = useStore();
  const header = store.header.value;
  const data = store.events.value;
  const filtered = store.query.value.trim() !== "";
  const nothing = !filtered && (header?.events ?? 0) === 0 && (data?.total ?? 0) === 0;
  const running = header?.state === "ready" || header?.state === "live";
  const scale = useScale(data);
  return (
    <section class="pn events" aria-label="Events" data-panel="events">
      {nothing && running ? <Commands /> : null}
      <PanelHead title="Events">
        <NewsPill />
        <span class="sp" />
        {nothing ? null : <span class="mut fs1">bars 0–{duration(scale)}</span>}
      </PanelHead>
      <Awaited view="events">{nothing ? <NothingYet /> : <><FilterLine /><List data={data} scale={scale} /><Foot data={data} /></>}</Awaited>
    </section>
  );
}

/** The scale holds still from frame to frame. */
function useScale(data: EventsData | null): number {
  const last = useRef<number | null>(null);
  return useMemo(() => (last.current = scaleFor(data?.rows ?? [], last.current)), [data]);
}

function NewsPill() {
  const store = useStore();
  const news = store.news.value;
  if (!news || (store.list.before.value === null && !store.paused.value)) return null;
  return (
    <button type="button" class="btn line pill" title="Show the newest events" onClick={() => toNewest(store)}>
      +{count(news)} new
      <Icon name="i-arrow" small />
    </button>
  );
}

function toNewest(store: ReturnType<typeof useStore>): void {
  if (store.paused.value) store.pauseView(false);
  store.list.follow();
}

function List({ data, scale }: { data: EventsData | null; scale: number }) {
  const store = useStore();
  const { scroller, frame, onScroll, height, inner } = useVirtual(store.list);
  const arrived = store.list.inSight();
  const last = useRef(arrived);
  const rows = (last.current = arrived.length || !store.list.matching ? arrived : last.current);
  const first = store.list.top.value;
  const selected = store.selected.value === "latest" ? store.inspector.value?.dispatch : store.selected.value;
  const reachable = rows.some((r) => r.dispatch === selected) ? selected : rows[0]?.dispatch;
  const head = rows[0]?.time ?? Date.now();
  const slots = useSlots(rows.map((r) => r.dispatch));
  return (
    <div class="body scroll" ref={scroller} onScroll={onScroll}>
      <div class="vs" style={{ height }}>
        <div class="vw" ref={frame} style={{ height: inner }}>
          <table class={`ev${data?.rows.some((r) => r.point.length > LONG) ? " long" : ""}`} role="grid" aria-label="Events" aria-rowcount={store.list.matching + 1} aria-busy={rows !== arrived} onKeyDown={(event) => walkEvents(event, store)}>
            <colgroup>
              <col class="c-num" style={wideFor(Math.max(data?.total ?? 0, data?.rows[0]?.dispatch ?? 0), 4, 45)} /><col class="c-time" style={rows.some((r) => minute(r.time) !== minute(head)) ? { width: "84px" } : undefined} />
              <col class="c-client" style={wideFor(Math.max(0, ...rows.map((r) => r.connection ?? 0)), 1, 26)} /><col class="c-point" /><col class="c-out" /><col /><col class="c-ms" />
            </colgroup>
            <thead>
              <tr aria-rowindex={1}>
                <th>#</th><th>{rows.length ? minute(head) : "time"}</th><th><span class="vh">client</span></th><th>point</th><th>outcome</th>
                <th class="keys2"><span class="key"><i />work</span> <span class="key"><i class="w" />wait</span></th>
                <th class="n">ms</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row, i) => (
                <Fragment key={slots[i]}>
                  <EventRowView row={row} index={first + i} head={head} scale={scale} selected={row.dispatch === selected} reachable={row.dispatch === reachable} />
                  <RevisionLine row={row} older={rows[i + 1]} />
                </Fragment>
              ))}
            </tbody>
          </table>
          {rows.length === 0 ? <div class="note">No event matches this filter; {count(store.header.value?.events ?? 0)} in all.</div> : null}
        </div>
      </div>
    </div>
  );
}

/** A column for numbers with more digits than it has room for. */
function wideFor(number: number, digits: number, room: number): { width: string } | undefined {
  const more = String(number).length - digits;
  return more > 0 ? { width: `${room + 7 * more}px` } : undefined;
}

/** Between two events with different revisions: what was edited. */
function RevisionLine({ row, older }: { row: EventRow; older: EventRow | undefined }) {
  const store = useStore();
  if (!older || older.revision >= row.revision) return null;
  const entry = store.history.value?.entries.findLast((e) => e.revision === row.revision); // marks and faults come after the edit that made it
  return (
    <tr class="rev">
      <td colSpan={7}>
        <span class="rvl">
          <span class="el">revision {row.revision}{entry ? `: ${editWords(entry.python)}` : ""}</span>
        </span>
      </td>
    </tr>
  );
}

function Foot({ data }: { data: EventsData | null }) {
  const store = useStore();
  if (!data) return null;
  const { list } = store;
  const rows = Math.min(list.inSight().length, list.seen > 1 ? list.seen : Infinity);
  const place = list.before.value === null ? count(rows) : `${count(list.top.value + 1)}–${count(Math.min(list.top.value + list.seen, list.matching))}`;
  return (
    <div class="pf">
      <span class="mut fs1 el">
        {place} of {count(list.matching)}
        {data.pandas ? ` that match, ${count(data.total)} in all` : ""}
        {data.sampled > 1 ? `, showing 1 in ${count(data.sampled)}, all kept` : ""}
        {data.dropped ? `, ${count(data.dropped)} oldest dropped` : ""}
      </span>
      <span class="sp" />
      {list.before.value === null ? null : <button type="button" class="btn" onClick={() => toNewest(store)}>Newest</button>}
      <span class="mut fs1 hint"><kbd>J</kbd> <kbd>K</kbd> walk</span>
    </div>
  );
}
