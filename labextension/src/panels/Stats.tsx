/** What each hook did and how long it took; a histogram of the picked one; two revisions side by side. */
import { useRef } from "preact/hooks";
import { count, duration, ms, plural } from "../core/format.js";
import type { StatsData, StatsRow } from "../core/insight-data.js";
import { against, columnsFor, difference, fewText, figure, isPercentile, sorted, tooFew, type Column, type Columns } from "../core/stats.js";
import { CHANGED, namesakes } from "../core/text.js";
import { useKept, useStore } from "./context.js";
import { Icon } from "./icons.js";
import { useWidth } from "./width.js";

export function Stats() {
  const data = useStore().insights.stats.value;
  if (!data?.rows.length) return <div class="empty"><h4>No hook has run yet</h4><span>Counts and times come with the first event.</span></div>;
  return (
    <>
      <Revisions data={data} />
      <Figures data={data} />
      <div class="pf"><span class="mut fs1">{told(data)}</span></div>
    </>
  );
}

function Figures({ data }: { data: StatsData }) {
  const body = useRef<HTMLDivElement>(null);
  const columns = columnsFor(data, useWidth(body, 600, Math.floor));
  const sort = useKept<{ by: Column; down: boolean }>("stats order", { by: "share", down: true });
  const picked = useKept<string | null>("stats hook", null);
  const rows = sorted(data.rows, sort.value.by, sort.value.down);
  const twice = namesakes(rows.map((r) => ({ name: r.hook, point: r.point })));
  const shown = rows.find((r) => r.hook_id === picked.value) ?? rows[0];
  return (
    <div class="body scroll" ref={body} tabIndex={0} role="region" aria-label="Figures of the hooks">
      <table class="ev stats" aria-label="Hooks, by time">
        <thead>
          <tr>
            {columns.map(([column, label]) => (
              <th class={column === "hook" ? "" : "n"} aria-sort={sort.value.by === column ? (sort.value.down ? "descending" : "ascending") : "none"}>
                <button type="button" class="lnk plain" title={`Sort by ${label}. ${about(column, data)}`.trim()} onClick={() => (sort.value = { by: column, down: sort.value.by === column ? !sort.value.down : column !== "hook" })}>
                  <Head column={column} label={label} />
                  {sort.value.by === column ? <span aria-hidden="true">{sort.value.down ? " ↓" : " ↑"}</span> : null}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => <Row key={row.hook_id} row={row} data={data} columns={columns} twice={twice.has(row.hook)} picked={row === shown} onPick={() => (picked.value = row.hook_id)} />)}
        </tbody>
      </table>
      {shown ? <Histogram row={shown} data={data} /> : null}
    </div>
  );
}

function told(data: StatsData): string {
  return `ms; ${data.revision === null ? "counts exact since the start" : `revision ${data.revision} alone`}; times of ${sampled(data)}`;
}

const sampled = (data: StatsData) => (data.total > data.sample ? `the newest ${count(data.sample)} of ${count(data.total)} events` : `${data.sample === 1 ? "" : "all "}${plural(data.sample, "event")}`);

/** What is to be known of a column's figures. */
function about(column: Column, data: StatsData): string {
  if (column === "changed") return CHANGED;
  return isPercentile(column) ? `Of ${sampled(data)}; on cards and in the header it is of the newest alone.` : "";
}

function Head({ column, label }: { column: Column; label: string }) {
  const shape = column === "errors" ? "raised" : column === "changed" ? "changed" : column === "stopped" ? "stopped" : null;
  return shape ? <span class={`oc oc-${shape}`}><Icon name={`o-${shape}`} as="" /><span class="vh">{label}</span></span> : <>{label}</>;
}

interface RowProps {
  row: StatsRow;
  data: StatsData;
  columns: Columns;
  /** Another hook has its name: the point is told too. */
  twice: boolean;
  picked: boolean;
  onPick: () => void;
}

function Row({ row, data, columns, twice, picked, onPick }: RowProps) {
  const spans = columns.filter(([column]) => isPercentile(column)).length;
  let said = false;
  return (
    <>
      <tr class={picked ? "sel" : ""} onClick={onPick}>
        {columns.map(([column]) => {
          if (tooFew(row, data) && isPercentile(column)) {
            if (said) return null;
            said = true;
            return <td class="n mut fs1" colSpan={spans} title={`${plural(row.samples, "sample")}; percentiles need ${data.enough}`}>{fewText(spans, data)}</td>;
          }
          return <td class={column === "hook" ? "el" : "n"} {...(column === "p95_ns" && row.p90_ns !== null ? { title: `p90 ${ms(row.p90_ns)} ms` } : {})}><Cell row={row} column={column} twice={twice} onPick={onPick} /></td>;
        })}
      </tr>
      {data.against === null ? null : <tr class="against">{columns.map(([column]) => <td class={column === "hook" ? "el mut" : "n mut"}>{difference(row, against(row, data), column)}</td>)}</tr>}
    </>
  );
}

function Cell({ row, column, twice, onPick }: { row: StatsRow; column: Column; twice: boolean; onPick: () => void }) {
  if (column === "hook")
    return <button type="button" class="lnk plain el" title={`${row.hook} at ${row.point}: show its histogram`} onClick={onPick}><span class="hn">{row.hook}</span>{twice ? <span class="at el">{row.point}</span> : null}</button>;
  const text = figure(row, column);
  if (column === "share") return <span class="shr"><i style={{ width: text }} />{text}</span>;
  return column === "errors" && row.errors ? <b class="bad">{text}</b> : <>{text}</>;
}

function Revisions({ data }: { data: StatsData }) {
  const store = useStore();
  const { revision, against } = store.insights.compared.value;
  const pick = (value: string) => (value === "" ? undefined : Number(value));
  const names = data.revisions;
  return (
    <div class="sub">
      <select class="btn line" aria-label="Since" value={revision ?? ""} onChange={(e) => store.insights.compare(pick(e.currentTarget.value), against)}>
        <option value="">since start</option>
        {names.map((r) => <option value={r}>revision {r}</option>)}
      </select>
      <select class="btn line" aria-label="Compare with" value={against ?? ""} onChange={(e) => store.insights.compare(revision, pick(e.currentTarget.value))}>
        <option value="">compare with…</option>
        {names.filter((r) => r !== revision).map((r) => <option value={r}>revision {r}</option>)}
      </select>
    </div>
  );
}

/** Durations on a logarithmic axis, three bars a decade. */
function Histogram({ row, data }: { row: StatsRow; data: StatsData }) {
  const most = Math.max(1, ...row.histogram);
  const first = Math.max(0, row.histogram.findIndex((n) => n > 0) - 1);
  const last = Math.min(row.histogram.length, row.histogram.findLastIndex((n) => n > 0) + 2);
  const bars = row.histogram.slice(first, last);
  const edge = (i: number) => data.bins[i - 1];
  return (
    <figure class="hist">
      <figcaption class="fs1 mut el"><b class="hn ink">{row.hook}</b> {plural(row.samples, "sample")}{row.max_ns === null ? "" : `, the longest ${duration(row.max_ns)}`}</figcaption>
      <div class="bars" role="img" aria-label={bars.map((n, i) => (n ? `${count(n)} from ${edge(first + i) === undefined ? "0" : duration(edge(first + i)!)}` : "")).filter(Boolean).join(", ") || "no calls yet"}>
        {bars.map((n, i) => <i style={{ height: `${Math.max(n ? 4 : 0, (n / most) * 100)}%` }} title={`${count(n)} from ${edge(first + i) === undefined ? "0" : duration(edge(first + i)!)}`} />)}
      </div>
      <div class="gax fs1 mut"><span>{edge(first) === undefined ? "0" : duration(edge(first)!)}</span><span>{edge(last - 1) === undefined ? "" : duration(edge(last - 1)!)}</span></div>
    </figure>
  );
}
