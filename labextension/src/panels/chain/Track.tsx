/** A hook's time inside one real event, on the event's own scale: where it began, its work, its waiting. */
import { stepParts } from "../../core/bars.js";
import { duration } from "../../core/format.js";
import type { ChainPoint, Example, ExampleBar } from "../../core/protocol.js";
import { useStore } from "../context.js";

export function Track({ point, hook }: { point: ChainPoint; hook: string }) {
  const bar = point.example?.bars.find((b) => b.hook === hook);
  if (!point.example || !bar) return null;
  const raised = bar.outcome === "raised" ? "raised" : "";
  return (
    <div class="track" title={`In event ${point.example.dispatch}: ${told(bar)}`}>
      <div class="gan" aria-hidden="true">
        {stepParts(bar.start_ns, bar.work_ns, bar.wait_ns, point.example.duration_ns).map((part) => (
          <i class={part.wait ? "w" : raised} style={{ left: `${Math.min(part.left, 99).toFixed(2)}%`, width: `${part.width.toFixed(2)}%` }} />
        ))}
      </div>
      <span class="mut fs1 nw">{duration(bar.work_ns + bar.wait_ns)}</span>
    </div>
  );
}

function told(bar: ExampleBar): string {
  const waited = bar.wait_ns > 0 ? `, waited ${duration(bar.wait_ns)}` : ", returned at once";
  return `began at ${duration(bar.start_ns)}, worked ${duration(bar.work_ns)}${waited}`;
}

/** When the client had its answer: before those that nobody waits for, after all others. */
export function Answered({ example }: { example: Example | null | undefined }) {
  if (!example || example.answered_ns == null) return null;
  return <span class="ans">↩ client answered at <b>{duration(example.answered_ns)}</b></span>;
}

/** Below a fan: what joining means in figures. */
export function Joined({ point }: { point: ChainPoint }) {
  const store = useStore();
  const example = point.example;
  if (!example || example.bars.length === 0) return null;
  const took = example.bars.map((b) => b.work_ns + b.wait_ns);
  const sum = took.reduce((a, b) => a + b, 0);
  const failed = example.bars.find((b) => b.outcome === "raised");
  return (
    <p class="joined mut fs1">
      <button type="button" class="lnk" onClick={() => store.select(example.dispatch)}>event {example.dispatch}</button>
      {": "}
      {failed ? <>failed at <b>{duration(failed.start_ns + failed.work_ns + failed.wait_ns)}</b>; the others run on, nothing cancels them</>
        : point.shape === "spawn" ? <>started together, awaited by nobody; the longest took <b>{duration(Math.max(...took))}</b></>
        : took.length > 1 && sum > example.duration_ns ? <>joined at <b>{duration(example.duration_ns)}</b>, the longest; one after another it would be {duration(sum)}</>
        : <>took <b>{duration(example.duration_ns)}</b></>}
      <Answered example={example} />
    </p>
  );
}
