/** Simulated clients: what they send, how often, and what came of it. */
import { useStore } from "../context.js";
import { Awaited } from "../Empty.js";
import { PanelHead } from "../parts.js";
import { Choice, Field, Form, Line, named } from "./form.js";

const FIGURES = [["sent", "sent"], ["answered", "answered"], ["late", "late"], ["refused", "refused"], ["waiting", "waiting"]] as const;

export function Traffic() {
  const store = useStore();
  const { trying } = store;
  const data = trying.traffic.value;
  const run = data?.run ?? null;
  const busy = run?.state === "starting" || run?.state === "running";
  return (
    <section class="pn traffic" aria-label="Traffic" data-panel="traffic">
      <PanelHead title="Traffic">
        <span class="mut el">{run ? run.state : data ? "no run yet" : ""}</span>
        <span class="sp" />
        {busy ? <button type="button" class="btn line" onClick={() => void trying.run({ do: "stop" })}>Stop</button> : null}
      </PanelHead>
      <div class="body scroll" tabIndex={0}>
        <Awaited view="traffic">
          <Form label="Make traffic" button="Run" disabled={busy} send={(fields, beside) => trying.run({ do: "run", ...fields }, beside)}>
            <Choice name="template" label="Send" options={named(data?.templates ?? [])} />
            <Field name="clients" label="Clients" number value={10} />
            <Field name="rate" label="A second" number value={50} />
            <Choice name="pattern" label="Pattern" options={named(data?.patterns ?? [])} />
            <Field name="seconds" label="Seconds" number value={5} />
            <Field name="late_ms" label="Late from, ms" number value={1000} />
            <Field name="seed" label="Seed" number value={0} />
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
          <Line op="traffic" />
        </Awaited>
      </div>
    </section>
  );
}
