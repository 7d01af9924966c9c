/** Two events side by side: steps aligned by hook, with what each took and changed. */
import { duration } from "../../core/format.js";
import type { InspectorData, StepRow } from "../../core/protocol.js";
import { useStore } from "../context.js";
import { OutcomeMark } from "../icons.js";

/** Steps of both events, aligned by hook in the order of the first; what only one has stands alone. */
export function aligned(one: readonly StepRow[], other: readonly StepRow[]): [StepRow | null, StepRow | null][] {
  const rest = [...other];
  const pairs = one.map((step): [StepRow | null, StepRow | null] => {
    const at = rest.findIndex((s) => s.hook_id === step.hook_id);
    return [step, at < 0 ? null : (rest.splice(at, 1)[0] ?? null)];
  });
  return [...pairs, ...rest.map((step): [null, StepRow] => [null, step])];
}

export function Compare({ data, other }: { data: InspectorData; other: InspectorData }) {
  const store = useStore();
  const paths = [...new Set([...(data.changes ?? []), ...(other.changes ?? [])].map((c) => c.path))];
  const last = (event: InspectorData, path: string) => event.changes?.findLast((c) => c.path === path)?.after ?? null;
  return (
    <>
      <div class="sub"><span class="mut">beside</span> <b>event {other.dispatch}</b><span class="sp" /><button type="button" class="btn" onClick={() => void store.insights.keepBeside(null)}>Close</button></div>
      <table class="ev plain" aria-label={`Event ${data.dispatch} beside event ${other.dispatch}`}>
        <thead><tr><th>hook</th><th>{data.dispatch}</th><th class="n">ms</th><th>{other.dispatch}</th><th class="n">ms</th><th class="n">difference</th></tr></thead>
        <tbody>
          {aligned(data.steps, other.steps).map(([mine, theirs]) => (
            <tr>
              <td class="el"><span class="hn">{(mine ?? theirs)?.hook}</span></td>
              <Side step={mine} /><Side step={theirs} />
              <td class="n">{mine && theirs ? signed(spent(mine) - spent(theirs)) : ""}</td>
            </tr>
          ))}
          <tr class="sum"><td>whole event</td><td><OutcomeMark outcome={data.outcome} /></td><td class="n">{ms(data.duration_ns)}</td><td><OutcomeMark outcome={other.outcome} /></td><td class="n">{ms(other.duration_ns)}</td><td class="n">{signed(data.duration_ns - other.duration_ns)}</td></tr>
        </tbody>
      </table>
      {paths.length ? (
        <table class="ev plain" aria-label="Fields after each event">
          <thead><tr><th>field</th><th>{data.dispatch}</th><th>{other.dispatch}</th></tr></thead>
          <tbody>{paths.map((path) => <tr class={last(data, path) === last(other, path) ? "" : "differs"}><td class="code el">{path}</td><td class="code el">{last(data, path) ?? "–"}</td><td class="code el">{last(other, path) ?? "–"}</td></tr>)}</tbody>
        </table>
      ) : null}
    </>
  );
}

const spent = (step: StepRow) => step.work_ns + step.wait_ns;
const ms = (ns: number) => (ns / 1e6).toFixed(2);
const signed = (ns: number) => `${ns >= 0 ? "+" : "−"}${duration(Math.abs(ns))}`;

function Side({ step }: { step: StepRow | null }) {
  return step ? <><td><OutcomeMark outcome={step.outcome} /></td><td class="n">{step.outcome === "skipped" ? "–" : ms(spent(step))}</td></> : <><td class="mut">not in it</td><td /></>;
}
