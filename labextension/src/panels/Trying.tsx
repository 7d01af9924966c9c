/** What is made to happen on purpose: faults, held events, simulated clients. Payloads stay text. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { HeldEvent } from "../core/protocol.js";
import { useStore } from "./context.js";
import { Icon } from "./icons.js";
import { PanelHead, Python } from "./parts.js";

type Fields = Record<string, unknown>;

/** What a form says: numbers as numbers, nothing for what was left empty. */
export function fieldsOf(form: HTMLFormElement): Fields {
  const fields: Fields = {};
  for (const element of form.elements) {
    if (!(element instanceof HTMLInputElement || element instanceof HTMLSelectElement) || !element.name || element.value === "") continue;
    fields[element.name] = element instanceof HTMLInputElement && element.type === "number" ? Number(element.value) : element.value;
  }
  return fields;
}

function Form({ label, onSubmit, children }: { label: string; onSubmit: (fields: Fields) => void; children: ComponentChildren }) {
  return (
    <form class="try" aria-label={label} onSubmit={(event) => { event.preventDefault(); onSubmit(fieldsOf(event.currentTarget)); }}>
      {children}
    </form>
  );
}

function Field({ name, label, type = "text", value, min, step }: { name: string; label: string; type?: "text" | "number"; value?: string; min?: number; step?: string }) {
  return (
    <label>
      {label} <input class="field" name={name} type={type} defaultValue={value ?? ""} {...(min === undefined ? {} : { min })} {...(type === "number" ? { step: step ?? "any" } : {})} />
    </label>
  );
}

function Choice({ name, label, options, first }: { name: string; label: string; options: readonly (readonly [string, string])[]; first?: string | undefined }) {
  return (
    <label>
      {label} <select class="btn line" name={name}>{options.map(([value, text]) => <option value={value} selected={value === first}>{text}</option>)}</select>
    </label>
  );
}

/** Without a word for any of them, the first point that has hooks is chosen: events are held there sooner than elsewhere. */
function Points({ any }: { any: string | null }) {
  const chain = useStore().edits.chain.value?.points ?? [];
  const points = chain.map((point) => [point.name, point.title] as const);
  const used = chain.find((point) => point.lanes.some((lane) => lane.hooks.length > 0));
  return <Choice name="point" label="at point" options={any === null ? points : [["", any], ...points]} first={any === null ? used?.name : ""} />;
}

function Line() {
  const { trying } = useStore();
  return trying.line.value ? <p class="py"><Python code={trying.line.value} class="" /></p> : null;
}

export function Faults() {
  const store = useStore();
  const { trying } = store;
  const data = trying.faults.value;
  const armed = data?.armed ?? [];
  const kinds = (data?.kinds ?? ["delay"]).map((kind) => [kind, kind] as const);
  return (
    <section class="pn faults" aria-label="Faults" data-panel="faults">
      <PanelHead title="Faults">
        <span class="mut el">{armed.length ? `${armed.length} armed` : "none armed"}</span>
        <span class="sp" />
        {armed.length ? <button type="button" class="btn line" onClick={() => void trying.fault({ do: "disarm" })}>Disarm all</button> : null}
      </PanelHead>
      <div class="body scroll" tabIndex={0}>
        <Form label="Arm a fault" onSubmit={(fields) => void trying.fault({ do: "arm", ...fields })}>
          <Choice name="kind" label="Kind" options={kinds} />
          <Points any="what clients send, or every point" />
          <Field name="hook" label="hook" />
          <Field name="connection" label="connection" type="number" min={1} step="1" />
          <Field name="ms" label="ms" type="number" min={0} value="200" />
          <Field name="probability" label="probability" type="number" min={0} value="1" />
          <Field name="seed" label="seed" type="number" value="0" step="1" />
          <button type="submit" class="btn pri" disabled={!store.editable.value}>Arm</button>
        </Form>
        {armed.length ? (
          <ul class="trylist">
            {armed.map((fault) => (
              <li key={fault.id}>
                <span><b>{fault.kind}</b> at {fault.where}, probability {fault.probability}, seed {fault.seed}: acted on {fault.injected} of {fault.considered}</span>
                <button type="button" class="btn line" onClick={() => void trying.fault({ do: "disarm", fault: fault.id })}>Disarm {fault.id}</button>
              </li>
            ))}
          </ul>
        ) : <p class="mut">Nothing goes wrong on purpose. Choose a kind and press Arm; every injected fault is an event in the trace.</p>}
        <Line />
      </div>
    </section>
  );
}

export function Breakpoints() {
  const store = useStore();
  const { trying } = store;
  const data = trying.breakpoints.value;
  const points = data?.points ?? [];
  const held = data?.held ?? [];
  return (
    <section class="pn breakpoints" aria-label="Breakpoints" data-panel="breakpoints">
      <PanelHead title="Breakpoints">
        <span class="mut el">{data?.waiting ? `${data.waiting} held` : "nothing held"}</span>
      </PanelHead>
      <div class="body scroll" tabIndex={0}>
        <Form label="Set a breakpoint" onSubmit={(fields) => void trying.breakpoint({ do: "set", ...fields })}>
          <Choice name="when" label="Hold" options={[["before", "before"], ["after", "after"]]} />
          <Field name="hook" label="hook (empty: all)" />
          <Points any={null} />
          <Field name="connection" label="connection" type="number" min={1} step="1" />
          <button type="submit" class="btn pri" disabled={!store.editable.value}>Set</button>
        </Form>
        {points.length ? (
          <ul class="trylist">
            {points.map((point) => (
              <li key={point.id}>
                <span>{point.where}: held {point.hits} so far</span>
                <button type="button" class="btn line" onClick={() => void trying.breakpoint({ do: "clear", breakpoint: point.id })}>Clear {point.id}</button>
              </li>
            ))}
          </ul>
        ) : <p class="mut">No event is held. Set a breakpoint, then send something: the event waits here until you let it go on.</p>}
        {held.map((event) => <Held key={event.id} event={event} />)}
        <Line />
      </div>
    </section>
  );
}

function Held({ event }: { event: HeldEvent }) {
  const { trying } = useStore();
  const payload = useSignal(event.payload);
  const result = useSignal(event.result ?? "");
  const resume = () => {
    const changed: Fields = {};
    if (event.editable && payload.value !== event.payload) changed["payload"] = payload.value;
    if (event.result !== null && result.value !== event.result) changed["result"] = result.value;
    void trying.breakpoint({ do: "resume", held: event.id, ...changed });
  };
  const name = `event ${event.dispatch ?? event.id}`;
  return (
    <article class="held" aria-label={`Held ${name}`}>
      <p><Icon name="o-pending" as="" /> <b>{name}</b>{event.connection === null ? "" : ` of c${event.connection}${event.left ? ", which has left" : ""}`}, held {event.where}</p>
      <label class="vh" for={`held-${event.id}`}>What {name} carries, as JSON</label>
      <textarea id={`held-${event.id}`} class="field code" rows={5} spellcheck={false} readOnly={!event.editable} value={payload.value} onInput={(e) => (payload.value = e.currentTarget.value)} />
      {event.editable ? null : <p class="mut">Too long to edit here; change it in Python.</p>}
      {event.result === null ? null : <label>Result <input class="field code" value={result.value} onInput={(e) => (result.value = e.currentTarget.value)} /></label>}
      <div class="trybtns">
        <button type="button" class="btn pri" onClick={resume}>Continue</button>
        <button type="button" class="btn line" onClick={() => void trying.breakpoint({ do: "drop", held: event.id })}>Drop</button>
        <button type="button" class="btn line" onClick={() => void trying.breakpoint({ do: "raise", held: event.id })}>Raise</button>
      </div>
    </article>
  );
}

const FIGURES = [["sent", "sent"], ["answered", "answered"], ["late", "late"], ["refused", "refused"], ["waiting", "waiting"]] as const;

export function Traffic() {
  const store = useStore();
  const { trying } = store;
  const data = trying.traffic.value;
  const run = data?.run ?? null;
  const busy = run?.state === "starting" || run?.state === "running";
  const named = (names: readonly string[]) => names.map((name) => [name, name] as const);
  return (
    <section class="pn traffic" aria-label="Traffic" data-panel="traffic">
      <PanelHead title="Traffic">
        <span class="mut el">{run ? run.state : "no run yet"}</span>
        <span class="sp" />
        {busy ? <button type="button" class="btn line" onClick={() => void trying.run({ do: "stop" })}>Stop</button> : null}
      </PanelHead>
      <div class="body scroll" tabIndex={0}>
        <Form label="Make traffic" onSubmit={(fields) => void trying.run({ do: "run", ...fields })}>
          <Choice name="template" label="Send" options={named(data?.templates ?? [])} />
          <Field name="clients" label="clients" type="number" min={1} value="10" step="1" />
          <Field name="rate" label="a second" type="number" min={0} value="50" />
          <Choice name="pattern" label="pattern" options={named(data?.patterns ?? [])} />
          <Field name="seconds" label="seconds" type="number" min={0} value="5" />
          <Field name="seed" label="seed" type="number" value="0" step="1" />
          <button type="submit" class="btn pri" disabled={busy || !store.editable.value}>Run</button>
        </Form>
        {run ? (
          <ul class="figs">
            {FIGURES.map(([key, label]) => <li>{label} <b class="num">{run[key] ?? 0}</b></li>)}
            <li>p50 <b class="num">{run.p50_ms == null ? "none" : `${run.p50_ms} ms`}</b></li>
            <li>p99 <b class="num">{run.p99_ms == null ? "none" : `${run.p99_ms} ms`}</b></li>
            <li>ceiling <b class="num">{run.ceiling == null ? "not measured" : `${run.ceiling}/s`}</b></li>
          </ul>
        ) : <p class="mut">Nobody talks to the bench but you. Choose what to send and press Run; it stops by itself.</p>}
        {run?.reason ? <p class="note">{run.reason}</p> : null}
        <Line />
      </div>
    </section>
  );
}

/** Stays while anything is armed or held. */
export function TryingBanner() {
  const { trying } = useStore();
  const armed = trying.faults.value?.armed ?? [];
  const held = trying.breakpoints.value?.waiting ?? 0;
  if (!armed.length && !held) return null;
  return (
    <div class="ban amber" role="status">
      <Icon name="s-warn" as="" />
      <span>
        {armed.length ? <><b>{armed.length === 1 ? "A fault is armed." : `${armed.length} faults are armed.`}</b> {armed.map((fault) => `${fault.kind} at ${fault.where}`).join("; ")}. </> : null}
        {held ? <><b>{held === 1 ? "An event is held." : `${held} events are held.`}</b> </> : null}
      </span>
      <span class="sp" />
      {armed.length ? <button type="button" class="btn line" onClick={() => void trying.fault({ do: "disarm" })}>Disarm</button> : null}
    </div>
  );
}
