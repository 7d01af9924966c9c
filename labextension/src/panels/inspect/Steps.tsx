/** The steps of one event as a small waterfall, with work and wait in figures. */
import { stepParts } from "../../core/bars.js";
import { duration, fineMs } from "../../core/format.js";
import type { InspectorData, StepRow } from "../../core/protocol.js";
import { visible } from "../../core/text.js";
import { useStore } from "../context.js";
import { OutcomeMark } from "../icons.js";

export function Steps({ data }: { data: InspectorData }) {
  return (
    <table class="steps" aria-label="Steps of this event">
      <colgroup><col class="c-pos" /><col class="c-hook" /><col class="c-oc" /><col /><col class="c-work" /><col class="c-wait" /></colgroup>
      <thead>
        <tr>
          <th><span class="vh">position</span></th><th>Steps</th><th><span class="vh">outcome</span></th>
          <th><span class="gax"><span>0</span><span>{duration(data.duration_ns)}</span></span></th>
          <th class="n">work</th><th class="n">wait</th>
        </tr>
      </thead>
      <tbody>
        {data.steps.map((step, i) => (
          <Step key={`${step.hook_id}:${i}`} step={step} whole={data.duration_ns} />
        ))}
        {data.core ? <Raised who={data.core.name} error={data.core} /> : null}
        {data.answered_ns == null ? null : <AnsweredRow at={data.answered_ns} whole={data.duration_ns} />}
        {data.steps.length === 0 ? <tr><td /><td colSpan={5} class="mut">No hook stood at {data.point}.</td></tr> : null}
      </tbody>
    </table>
  );
}

/** A line across the axis where the client had its answer; behind its end where that came later. */
function AnsweredRow({ at, whole }: { at: number; whole: number }) {
  return (
    <tr class="ans">
      <td />
      <td colSpan={2} class="el mut">client answered</td>
      <td>
        <div class="gan" aria-hidden="true"><i class="at" style={{ left: `${(Math.min(1, whole ? at / whole : 1) * 100).toFixed(2)}%` }} /></div>
      </td>
      <td class="n mut" colSpan={2}>+{duration(at)}</td>
    </tr>
  );
}

function Step({ step, whole }: { step: StepRow; whole: number }) {
  const store = useStore();
  const skipped = step.outcome === "skipped";
  const picked = store.pickedHook.value === step.hook_id;
  return (
    <>
      <tr class={picked ? "sel" : ""}>
        <td><span class={`pos${skipped ? " off" : step.outcome === "raised" ? " raised" : ""}`}>{skipped || step.position === null ? "–" : step.position}</span></td>
        <td class="el"><span class={`hn${skipped ? " skipped" : ""}`}>{step.hook}</span></td>
        <td><OutcomeMark outcome={step.outcome} count={step.outcome === "changed" ? step.changed : null} /></td>
        <td>{skipped ? <span class="mut fs1 el">{step.reason}</span> : <Gantt step={step} whole={whole} />}</td>
        <td class="n">{skipped ? "–" : fineMs(step.work_ns)}</td>
        <td class="n">{skipped ? "–" : fineMs(step.wait_ns)}</td>
      </tr>
      {!skipped && step.reason ? <tr class="out"><td colSpan={6}>{visible(step.reason)}</td></tr> : null}
      {lines(step.printed).map((line) => <tr class="out"><td colSpan={6}>› {line}</td></tr>)}
      {step.error ? <Raised who={`${step.hook}${step.version > 1 ? ` (v${step.version})` : ""}`} error={step.error} /> : null}
    </>
  );
}

/** An error sits in the step where it happened, cut to the user's own frames; who passed it on says no more than that. */
function Raised({ who, error }: { who: string; error: NonNullable<StepRow["error"]> }) {
  return (
    <tr class="out err">
      <td colSpan={6}>
        <b>{who} {error.passed ? "passed on" : "raised"} {visible(error.text)}</b>
        {error.traceback.length ? <pre class="trb">{visible(error.traceback.join("\n"))}</pre> : null}
      </td>
    </tr>
  );
}

function lines(printed: readonly string[]): string[] {
  const all = printed.slice(0, 6).map((line) => visible(line.replace(/\n$/, "")));
  return printed.length > 6 ? [...all, `… ${printed.length - 6} more lines`] : all;
}

function Gantt({ step, whole }: { step: StepRow; whole: number }) {
  const raised = step.outcome === "raised" ? "raised" : "";
  return (
    <div class="gan" aria-hidden="true">
      {stepParts(step.start_ns ?? 0, step.work_ns, step.wait_ns, whole).map((part) => (
        <i class={part.wait ? "w" : raised} style={{ left: `${Math.min(part.left, 99).toFixed(2)}%`, width: `${part.width.toFixed(2)}%` }} />
      ))}
    </div>
  );
}
