/** The timeline: what happened when, by connection or by hook, merged, or one event's whole story. */
import { client, ms, stamp } from "../core/format.js";
import type { TimelineData } from "../core/insight-data.js";
import type { LaneBy } from "../core/timeline.js";
import { useKept, useLayout, useStore } from "./context.js";
import { Awaited } from "./Empty.js";
import { PanelHead, Segments } from "./parts.js";
import { Canvas } from "./timeline/Canvas.js";
import { Story } from "./timeline/Story.js";

type View = LaneBy | "story";
const VIEWS: readonly (readonly [View, string])[] = [["connection", "Time"], ["hook", "By hook"], ["merged", "Merged"], ["story", "This event"]];

export function Timeline() {
  const store = useStore();
  const view = useKept<View>("timeline view", "connection");
  const table = useKept("timeline table", false);
  const narrow = useLayout() === "narrow";
  const data = store.insights.timeline.value;
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey) return;
    const picked = VIEWS[Number(event.key) - 1];
    if (picked) view.value = picked[0];
    else if (event.key.toLowerCase() === "t") table.value = !table.value;
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section class="pn timeline" aria-label="Timeline" data-panel="timeline" onKeyDown={onKeyDown}>
      <PanelHead title="Timeline">
        <Segments label="Timeline view" value={view.value} options={VIEWS} onPick={(v) => (view.value = v)} />
        <span class="sp" />
        {narrow ? null : <><span class="key"><i />work</span><span class="key"><i class="w" />wait</span></>}
        <button type="button" class={`btn${table.value ? " on" : ""}`} aria-pressed={table.value} title="The same as a table (T)" onClick={() => (table.value = !table.value)}>
          Table
        </button>
      </PanelHead>
      <div class="body scroll" tabIndex={table.value ? 0 : -1}>
        <Awaited view={view.value === "story" ? "story" : "timeline"}><Shown view={view.value} table={table.value} data={data} /></Awaited>
      </div>
    </section>
  );
}

function Shown({ view, table, data }: { view: View; table: boolean; data: TimelineData | null }) {
  const store = useStore();
  if (view === "story") return <Story data={store.insights.story.value} table={table} />;
  if (!data?.events.length)
    return (
      <div class="empty">
        <h4>{store.query.value ? "No event matches the filter" : "Nothing has happened yet"}</h4>
        <span>{store.query.value ? "Change the filter over the events." : `${store.console.path === null ? "Send a request" : "Send a message in the console"}: each event becomes a bar here, solid for work, hatched for waiting.`}</span>
      </div>
    );
  return table ? <Table data={data} view={view} /> : <Canvas data={data} by={view} />;
}

/** The drawing's twin. */
function Table({ data, view }: { data: TimelineData; view: LaneBy }) {
  const store = useStore();
  if (view === "connection")
    return (
      <table class="ev plain" aria-label="Timeline as a table">
        <thead><tr><th>event</th><th>time</th><th>client</th><th>point</th><th>outcome</th><th class="n">work</th><th class="n">wait</th></tr></thead>
        <tbody>
          {data.events.map((e) => (
            <tr class={store.selected.value === e.dispatch ? "sel" : ""}>
              <td><button type="button" class="lnk" onClick={() => store.select(e.dispatch)}>{e.dispatch}</button></td>
              <td>{stamp(e.time)}</td><td>{client(e.connection)}</td><td>{e.point}</td><td>{e.outcome}</td>
              <td class="n">{ms(e.calls.reduce((n, c) => n + c[2], 0))}</td><td class="n">{ms(e.calls.reduce((n, c) => n + c[3], 0))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    );
  return (
    <table class="ev plain" aria-label="Time of each hook">
      <thead><tr><th>hook</th><th>point</th><th class="n">calls</th><th class="n">work ms</th><th class="n">wait ms</th></tr></thead>
      <tbody>
        {data.hooks.map((hook, index) => {
          const calls = data.events.flatMap((e) => e.calls.filter((c) => c[0] === index));
          return <tr><td class="hn">{hook.name}</td><td>{hook.point}</td><td class="n">{calls.length}</td><td class="n">{ms(calls.reduce((n, c) => n + c[2], 0))}</td><td class="n">{ms(calls.reduce((n, c) => n + c[3], 0))}</td></tr>;
        })}
      </tbody>
    </table>
  );
}
