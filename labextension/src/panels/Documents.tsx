/** Documents: who is in each, the clock of its next store, changes and stores on a strip, and its content as it is. */
import { client, plural } from "../core/format.js";
import { membersOf, type DocumentRow, type DocumentsData } from "../core/documents-data.js";
import { visible } from "../core/text.js";
import { useStore } from "./context.js";
import { Awaited } from "./Empty.js";
import { Icon } from "./icons.js";
import { PanelHead } from "./parts.js";

const WIDTH = 240;
const HEIGHT = 18;

export function DocumentsPanel() {
  const store = useStore();
  const data = store.insights.documents.value;
  return (
    <section class="pn documents" aria-label="Documents" data-panel="documents">
      <PanelHead title="Documents">
        <span class="mut">{data ? plural(data.total, "document") : ""}</span>
        <span class="sp" />
        <span class="key"><i class="tick" />change</span> <span class="key"><i />store</span> <span class="mut fs1">last {data?.seconds ?? 12} s</span>
      </PanelHead>
      <div class="body scroll" tabIndex={0} role="group" aria-label="Loaded documents">
        <Awaited view="documents">
          {data?.documents.length ? null : <p class="mut none">No document is loaded. It is loaded when the first client opens it, and leaves when the last one has gone.</p>}
          <ul class="docs">{data?.documents.map((row) => <Row key={row.name} row={row} data={data} />)}</ul>
        </Awaited>
      </div>
    </section>
  );
}

function Row({ row, data }: { row: DocumentRow; data: DocumentsData }) {
  return (
    <li class={`doc ${row.state}`}>
      <div class="t">
        <span class="hn el">{row.name}</span>
        <State row={row} />
        <span class="sp" />
        {row.unsaved ? <span class="stc nw">{plural(row.unsaved, "change")} unsaved</span> : null}
      </div>
      <div class="t">
        <Strip row={row} seconds={data.seconds} />
        <span class="mut fs1 nw">debounce {row.debounce} s, at most {row.max_debounce} s</span>
      </div>
      {row.reason ? <p class="why"><Icon name="o-raised" as="" /> {visible(row.reason)}</p> : null}
      <ul class="who" aria-label={`Connections of ${row.name}`}>
        {membersOf(row).map((one) => (
          <li {...(one.sessions > 1 ? { title: `${one.sessions} sessions over one connection` } : {})}>
            {[one.connection === null ? "direct" : client(one.connection), visible(one.label), one.sessions > 1 ? `×${one.sessions}` : ""].filter(Boolean).join(" ")}
            {one.read_only ? <> <span class="tag">read-only</span></> : null}
          </li>
        ))}
        {row.awareness.map((one) => <li class="aware" title="awareness">{one.client}: {visible(one.state)}</li>)}
      </ul>
      <details>
        <summary>Content</summary>
        <pre>{row.content ? visible(row.content) : "empty"}</pre>
      </details>
    </li>
  );
}

/** The state in words, with the clock where one runs. */
function State({ row }: { row: DocumentRow }) {
  switch (row.state) {
    case "waiting":
      return <span class="pec nw"><Ring row={row} /> stores in {(row.due ?? 0).toFixed(1)} s</span>;
    case "storing":
      return <span class="pec nw"><Icon name="o-pending" as="" /> storing</span>;
    case "failed":
      return <span class="errc nw"><Icon name="o-raised" as="" /> store failed{row.due === null ? "" : `, again in ${row.due.toFixed(1)} s`}</span>;
    case "refused":
      return <span class="errc nw"><Icon name="o-raised" as="" /> refused</span>;
    case "stored":
      return <span class="okc nw"><Icon name="o-ok" as="" /> stored</span>;
    default:
      return <span class="mut nw">nothing to store</span>;
  }
}

/** How much of the pause is left. */
function Ring({ row }: { row: DocumentRow }) {
  const left = Math.min(1, (row.due ?? 0) / Math.max(row.debounce, 0.01));
  return (
    <svg class="ring" viewBox="0 0 14 14" aria-hidden="true">
      <circle cx="7" cy="7" r="5" />
      <circle class="left" cx="7" cy="7" r="5" pathLength="1" stroke-dasharray={`${left} 1`} />
    </svg>
  );
}

function Strip({ row, seconds }: { row: DocumentRow; seconds: number }) {
  const x = (ago: number) => WIDTH * (1 - Math.min(ago, seconds) / seconds);
  const told = `${plural(row.changes.length, "change")} and ${plural(row.stores.length, "store")} in the last ${seconds} seconds`;
  return (
    <svg class="strip" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={told}>
      <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      {row.changes.map((ago) => <rect class="change" x={x(ago) - 0.5} y="9" width="1" height="8" />)}
      {row.stores.map(([begun, ended, ok]) => <rect class={ok ? "store" : ended === null ? "storing" : "failed"} x={x(begun)} y="1" width={Math.max(2, x(ended ?? 0) - x(begun))} height="6" />)}
    </svg>
  );
}
