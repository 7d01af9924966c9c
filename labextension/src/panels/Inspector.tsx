/** One event: its steps with work and wait, what each hook changed, and what clients saw of it. */
import { client, duration, stamp } from "../core/format.js";
import type { InspectorData } from "../core/protocol.js";
import { useKept, useStore } from "./context.js";
import { Awaited } from "./Empty.js";
import { OutcomeMark } from "./icons.js";
import { Changes } from "./inspect/Changes.js";
import { Compare } from "./inspect/Compare.js";
import { Payload } from "./inspect/Payload.js";
import { Saw, SawBody } from "./inspect/Saw.js";
import { Steps } from "./inspect/Steps.js";
import { IconButton, PanelHead } from "./parts.js";
import { stepEvents } from "./walk.js";

export function Inspector() {
  const store = useStore();
  const data = store.inspector.value;
  return (
    <section class="pn inspector" aria-label="Inspector" data-panel="inspector">
      <PanelHead title="Inspector">
        {data ? <span class="mut nw">event</span> : null}
        {data ? <b>{data.dispatch}</b> : null}
        <span class="sp" />
        {data ? <Walk /> : null}
      </PanelHead>
      <Awaited view="inspector">{data ? <Event data={data} /> : <Nothing />}</Awaited>
    </section>
  );
}

function Walk() {
  const store = useStore();
  const following = store.selected.value === "latest";
  const here = store.inspector.value?.dispatch;
  const mark = () => {
    if (here === undefined) return;
    void store.insights.keepBeside(here);
    store.select(here);
    store.say(`Event ${here} is kept beside; select another one`);
  };
  return (
    <>
      <button type="button" class={`btn${store.insights.beside.value ? " on" : ""}`} aria-pressed={store.insights.beside.value !== null} title="Keep this event beside the next one that is selected" onClick={() => (store.insights.beside.value ? void store.insights.keepBeside(null) : mark())}>
        Compare
      </button>
      <button type="button" class={`btn${following ? " on" : ""}`} aria-pressed={following} title="Show each newest event as it comes" onClick={() => store.select(following ? (store.inspector.value?.dispatch ?? "latest") : "latest")}>
        Follow newest
      </button>
      <IconButton icon="i-left" small label="Newer event (K)" onClick={() => stepEvents(store, -1)} />
      <IconButton icon="i-right" small label="Older event (J)" onClick={() => stepEvents(store, 1)} />
    </>
  );
}

function Event({ data }: { data: InspectorData }) {
  const tab = useKept<"changes" | "payload" | "clients">("inspector tab", "changes");
  const store = useStore();
  const beside = store.insights.beside.value;
  const saw = data.clients?.length ?? 0;
  const shown = saw || tab.value !== "clients" ? tab.value : "changes"; // a tab that has nothing to show is not offered
  const fields = data.changes?.length ?? data.steps.reduce((n, s) => n + s.changed, 0);
  return (
    <>
      <div class="ih">
        <OutcomeMark outcome={data.outcome} count={data.outcome === "changed" ? fields : null} unit={fields === 1 ? "field" : "fields"} />
        <b>{duration(data.duration_ns)}</b>
        <span class="el">{[data.point, client(data.connection)].filter(Boolean).join(", ")}</span>
        <span>{stamp(data.time)}</span>
        <span>rev {data.revision}</span>
      </div>
      <div class="body scroll">
        {beside && beside.dispatch !== data.dispatch ? <Compare data={data} other={beside} /> : beside ? <p class="note">Event {beside.dispatch} is kept beside: select another one to compare.</p> : null}
        <Steps data={data} />
        <div class="ph tabrow">
          <div class="tabs" role="tablist" aria-label="Event detail">
            <button type="button" role="tab" aria-selected={shown === "changes"} onClick={() => (tab.value = "changes")}>
              Changes
            </button>
            <button type="button" role="tab" aria-selected={shown === "payload"} onClick={() => (tab.value = "payload")}>
              Payload
            </button>
            {saw ? (
              <button type="button" role="tab" aria-selected={shown === "clients"} onClick={() => (tab.value = "clients")}>
                Client <span class="cnt">{saw}</span>
              </button>
            ) : null}
          </div>
        </div>
        <div role="tabpanel">{shown === "changes" ? <Changes data={data} /> : shown === "payload" ? <Payload data={data} /> : <SawBody clients={data.clients} />}</div>
      </div>
      <Saw clients={data.clients} />
    </>
  );
}

function Nothing() {
  const store = useStore();
  if (store.frozen.value)
    return (
      <div class="empty">
        <h4>Details need the kernel</h4>
        <span>Only rows that the page already held are shown. Run the bench’s cell again, then select an event.</span>
      </div>
    );
  return (
    <div class="empty">
      <h4>Select an event</h4>
      <span><kbd>J</kbd> <kbd>K</kbd> walk through them.</span>
    </div>
  );
}
