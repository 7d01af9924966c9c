/** What each hook did and how long it took; a histogram of the picked one; two revisions side by side. */
import { useSignal } from "@preact/signals";
import { count, duration, ms, plural } from "../core/format.js";
import type { StatsData, StatsRow } from "../core/insight-data.js";
import { namesakes } from "../core/text.js";
import { useLayout, useStore } from "./context.js";
import { Icon } from "./icons.js";

type Column = "hook" | "calls" | "share" | "p50_ns" | "p90_ns" | "p95_ns" | "p99_ns" | "max_ns" | "errors" | "changed" | "stopped";
const COLUMNS: readonly (readonly [Column, string])[] = [
  ["hook", "hook"], ["calls", "calls"], ["errors", "raised"], ["share", "share"], ["p50_ns", "p50"], ["p95_ns", "p95"], ["p99_ns", "p99"], ["max_ns", "max"], ["changed", "changed"], ["stopped", "stopped"],
];
const FEW: ReadonlySet<Column> = new Set(["hook", "calls", "share", "p50_ns", "p95_ns", "errors"]);
const PERCENTILES: ReadonlySet<Column> = new Set(["p50_ns", "p90_ns", "p95_ns", "p99_ns"]);

export function Stats() {
  const store = useStore();
  const data = store.insights.stats.value;
  const narrow = useLayout() === "narrow";
  const sort = useSignal<{ by: Column; down: boolean }>({ by: "share", down: true });
  const picked = useSignal<string | null>(null);
  if (!data?.rows.length) return <div class="empty"><h4>No hook has run yet</h4><span>Counts and times come with the first event.</span></div>;
  const columns = COLUMNS.filter(([c]) => !narrow || FEW.has(c));
  const rows = sorted(data.rows, sort.value.by, sort.value.down);
  const twice = namesakes(rows.map((r) => ({ name: r.hook, point: r.point })));
  const shown = rows.find((r) => r.hook_id === picked.value) ?? rows[0];
  return (
    <>
      <Revisions data={data} />
      <div class="body scroll" tabIndex={0} role="region" aria-label="Figures of the hooks">
        <table class="ev stats" aria-label="Hooks, by time">
          <thead>
            <tr>
              {columns.map(([column, label]) => (
                <th class={column === "hook" ? "" : "n"} aria-sort={sort.value.by === column ? (sort.value.down ? "descending" : "ascending") : "none"}>
                  <button type="button" class="lnk plain" title={`Sort by ${label}`} onClick={() => (sort.value = { by: column, down: sort.value.by === column ? !sort.value.down : column !== "hook" })}>
                    <Head column={column} label={label} />
                    {sort.value.by === column ? <span aria-hidden="true">{sort.value.down ? " ↓" : " ↑"}</span> : null}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => <Row key={row.hook_id} row={row} other={data.against?.find((o) => o.hook_id === row.hook_id)} compared={data.against !== null} columns={columns} few={data.enough} twice={twice.has(row.hook)} picked={row === shown} onPick={() => (picked.value = row.hook_id)} />)}
          </tbody>
        </table>
        {shown ? <Histogram row={shown} data={data} /> : null}
      </div>
      <div class="pf"><span class="mut fs1 el">{told(data)}</span></div>
    </>
  );
}

function told(data: StatsData): string {
  const of = data.total > data.sample ? `times of the newest ${count(data.sample)} of ${count(data.total)} events` : `times of ${data.sample === 1 ? "" : "all "}${plural(data.sample, "event")}`;
  return `ms; ${data.revision === null ? "counts exact since the start" : `revision ${data.revision} alone`}; ${of}`;
}

export function sorted(rows: readonly StatsRow[], by: Column, down: boolean): StatsRow[] {
  const value = (row: StatsRow) => row[by] ?? -1;
  const order = [...rows].sort((a, b) => (by === "hook" ? a.hook.localeCompare(b.hook) : Number(value(a)) - Number(value(b))));
  return down ? order.reverse() : order;
}

function Head({ column, label }: { column: Column; label: string }) {
  const shape = column === "errors" ? "raised" : column === "changed" ? "changed" : column === "stopped" ? "stopped" : null;
  return shape ? <span class={`oc oc-${shape}`}><Icon name={`o-${shape}`} as="" /><span class="vh">{label}</span></span> : <>{label}</>;
}

interface RowProps {
  row: StatsRow;
  other: StatsRow | undefined;
  compared: boolean;
  columns: readonly (readonly [Column, string])[];
  few: number;
  /** Another hook has its name: the point is told too. */
  twice: boolean;
  picked: boolean;
  onPick: () => void;
}

function Row({ row, other, compared, columns, few, twice, picked, onPick }: RowProps) {
  const small = row.samples < few;
  const spans = columns.filter(([c]) => PERCENTILES.has(c)).length;
  let said = false;
  return (
    <>
      <tr class={picked ? "sel" : ""} onClick={onPick}>
        {columns.map(([column]) => {
          if (small && PERCENTILES.has(column)) {
            if (said) return null;
            said = true;
            return <td class="n mut fs1" colSpan={spans} title={`${plural(row.samples, "sample")}; percentiles need ${few}`}>n too small</td>;
          }
          return <td class={column === "hook" ? "el" : "n"} {...(column === "p95_ns" && row.p90_ns !== null ? { title: `p90 ${ms(row.p90_ns)} ms` } : {})}>{cell(row, column, twice, onPick)}</td>;
        })}
      </tr>
      {compared ? <Against row={row} other={other} columns={columns} /> : null}
    </>
  );
}

function cell(row: StatsRow, column: Column, twice: boolean, onPick: () => void) {
  switch (column) {
    case "hook":
      return <button type="button" class="lnk plain el" title={`${row.hook} at ${row.point}: show its histogram`} onClick={onPick}><span class="hn">{row.hook}</span>{twice ? <span class="at el">{row.point}</span> : null}</button>;
    case "share":
      return <span class="shr"><i style={{ width: `${Math.round(row.share * 100)}%` }} />{Math.round(row.share * 100)}%</span>;
    case "errors":
      return row.errors ? <b class="bad">{count(row.errors)}</b> : "0";
    case "calls":
    case "changed":
    case "stopped":
      return count(row[column]);
    default:
      return row[column] === null ? "–" : ms(row[column]);
  }
}

/** The other revision's figures, as differences. */
function Against({ row, other, columns }: { row: StatsRow; other: StatsRow | undefined; columns: readonly (readonly [Column, string])[] }) {
  return (
    <tr class="against">
      {columns.map(([column]) => <td class={column === "hook" ? "mut" : "n mut"}>{difference(row, other, column)}</td>)}
    </tr>
  );
}

export function difference(row: StatsRow, other: StatsRow | undefined, column: Column): string {
  if (column === "hook") return other ? "against it" : "did not run there";
  if (!other) return "";
  if (column === "share") return `${Math.round(other.share * 100)}%`;
  if (column === "calls" || column === "errors" || column === "changed" || column === "stopped") return count(other[column]);
  const [mine, theirs] = [row[column], other[column]];
  if (mine === null || theirs === null || theirs === 0) return theirs === null ? "" : ms(theirs);
  const times = mine / theirs;
  return times > 1.05 || times < 0.95 ? `${ms(theirs)} ${times >= 1 ? "×" : "×"}${times.toFixed(times < 10 ? 1 : 0)}` : ms(theirs);
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
