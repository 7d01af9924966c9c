/** The timeline's drawing: click selects an event, a drag brushes some, and both go by keys too. */
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { APART, brushed, eventAt, layTimeline, type LaneBy, type Laid } from "../../core/timeline.js";
import { second } from "../../core/format.js";
import type { TimelineData } from "../../core/insight-data.js";
import { useStore } from "../context.js";
import { useWidth } from "../width.js";
import { HEAD, LANE, paint } from "./paint.js";

interface Props {
  data: TimelineData;
  by: LaneBy;
}

export function Canvas({ data, by }: Props) {
  const store = useStore();
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(canvas, 600, Math.round);
  const brush = useSignal<[number, number] | null>(null);
  const held = useRef<number | null>(null);
  const laid = useMemo(() => layTimeline(data, by, width), [data, by, width]);
  const selected = typeof store.selected.value === "number" ? store.selected.value : (store.inspector.value?.dispatch ?? null);
  const range = brush.value;
  const theme = useThemeChanges();
  useEffect(() => {
    if (canvas.current) paint(canvas.current, laid, { selected, brush: range, clock: second });
  }, [laid, selected, range, theme]);
  const apply = (from: number, to: number) => {
    const met = brushed(laid, from, to);
    brush.value = null;
    if (!met) return store.say("No event stands there");
    store.setQuery(`dispatch>=${met[0]} dispatch<=${met[1]}`);
    store.say(`Events ${met[0]} to ${met[1]} are shown`);
  };
  const down = (event: PointerEvent) => {
    if (by === "merged" || event.button) return;
    held.current = event.offsetX;
    canvas.current?.setPointerCapture?.(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    if (held.current !== null && Math.abs(event.offsetX - held.current) > 4) brush.value = [held.current, event.offsetX];
  };
  const up = (event: PointerEvent) => {
    const from = held.current;
    held.current = null;
    if (from === null) return;
    if (brush.value) return apply(from, event.offsetX);
    const lane = by === "connection" ? Math.floor((event.offsetY - HEAD) / LANE) : null;
    const found = eventAt(laid, event.offsetX, lane);
    if (found !== null) store.select(found);
  };
  return (
    <div class="tlrow">
      <ol class="tllanes" style={{ paddingTop: `${HEAD}px` }} aria-hidden="true">
        {laid.lanes.map((lane) => {
          const [name, ...point] = lane.label.split(APART);
          return <li class={`el${point.length ? " two" : ""}`} title={`${lane.label}: ${lane.said}`} style={{ height: `${LANE}px` }}>{name}{point.length ? <span class="at el">{point.join(APART)}</span> : null}</li>;
        })}
      </ol>
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-label={described(laid, by, data)}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={() => ((held.current = null), (brush.value = null))}
        onKeyDown={(event) => keyed(event, store, laid, selected, brush, apply)}
      />
      {laid.revisions.length ? (
        <ol class="tlrevs" aria-label="Revisions">
          {laid.revisions.map((one) => <li key={one.text} style={{ left: `${one.left}px` }} title={one.said}>{one.text}</li>)}
        </ol>
      ) : null}
    </div>
  );
}

function described(laid: Laid, by: LaneBy, data: TimelineData): string {
  const what = by === "merged" ? "time of each hook" : `${data.events.length} events, one lane for each ${by}`;
  const lanes = laid.lanes.slice(0, 8).map((lane) => `${lane.label}: ${lane.said}`).join("; ");
  return `Timeline, ${what}. ${lanes}. Arrow keys walk, with Shift they brush, Enter filters by the brush; T shows it as a table.`;
}

type Store = ReturnType<typeof useStore>;

/** Left and right walk; with Shift they stretch a brush, which Enter makes the filter and Escape lets go. */
function keyed(event: KeyboardEvent, store: Store, laid: Laid, selected: number | null, brush: { value: [number, number] | null }, apply: (from: number, to: number) => void): void {
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (event.key === "Enter" && brush.value) apply(...brush.value);
  else if (event.key === "Escape" && brush.value) brush.value = null;
  else if (step && laid.spans.length) {
    const at = laid.spans.findIndex((s) => s.dispatch === selected);
    const next = laid.spans[Math.min(Math.max(at < 0 ? laid.spans.length - 1 : at + step, 0), laid.spans.length - 1)];
    if (!next) return;
    if (event.shiftKey) brush.value = [brush.value?.[0] ?? laid.spans[Math.max(at, 0)]!.x, step > 0 ? next.end : next.x];
    store.select(next.dispatch);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

const THEME = { attributes: true, attributeFilter: ["class", "data-jp-theme-light", "data-jp-theme-name", "data-vscode-theme-kind"] };

/** Counts the changes of theme: what is on a canvas keeps the colours that it was drawn with. */
function useThemeChanges(): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const changed = () => setChanges((n) => n + 1);
    const watch = new MutationObserver(changed);
    watch.observe(document.body, THEME);
    const wishes = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((wish) => globalThis.matchMedia?.(wish));
    for (const wish of wishes) wish?.addEventListener("change", changed);
    return () => {
      watch.disconnect();
      for (const wish of wishes) wish?.removeEventListener("change", changed);
    };
  }, []);
  return changes;
}
