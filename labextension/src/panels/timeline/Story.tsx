/** One event's story on one axis: every call of every event that shares its first cause, and the moments between them. */
import { stepParts } from "../../core/bars.js";
import { client, duration, plural } from "../../core/format.js";
import type { StoryCall, StoryData, StoryPart } from "../../core/insight-data.js";
import { visible } from "../../core/text.js";
import { useStore } from "../context.js";
import { OutcomeMark } from "../icons.js";

export function Story({ data, table }: { data: StoryData | null; table: boolean }) {
  if (!data) return <p class="note">Select an event to see all that it caused.</p>;
  if (table) return <StoryTable data={data} />;
  const whole = Math.max(data.duration_ns, 1);
  const marks = data.moments.filter((m) => m.kind !== "sent" || data.moments.length < 12);
  return (
    <div class="story">
      <div class="strow axis" aria-hidden="true">
        <span />
        <span class="gax"><span>0</span><span>{duration(whole / 2)}</span><span>{duration(whole)}</span></span>
        <span />
      </div>
      <div class="stmarks" aria-hidden="true">
        {marks.map((m) => <i class={`mk ${m.kind}`} style={{ left: `${percent(m.at_ns, whole)}%` }} title={visible(m.text)} />)}
      </div>
      {data.events.map((part) => <Part key={part.dispatch} part={part} whole={whole} selected={part.dispatch === data.dispatch} depth={depthOf(part, data.events)} />)}
      {data.moments.length ? <Moments data={data} whole={whole} /> : null}
      <p class="note">{summary(data)}</p>
    </div>
  );
}

const percent = (ns: number, whole: number) => Math.min(100, Math.max(0, (ns / whole) * 100));

function depthOf(part: StoryPart, parts: readonly StoryPart[]): number {
  let depth = 0;
  for (let at: StoryPart | undefined = part; at?.parent != null && depth < 6; depth++) at = parts.find((p) => p.dispatch === at?.parent);
  return depth;
}

function Part({ part, whole, selected, depth }: { part: StoryPart; whole: number; selected: boolean; depth: number }) {
  const store = useStore();
  return (
    <>
      <div class={`strow head${selected ? " sel" : ""}`}>
        <button type="button" class="lnk plain el" style={{ paddingLeft: `${depth * 10}px` }} onClick={() => store.select(part.dispatch)} title={`Event ${part.dispatch}`}>
          <b>{part.point}</b> <span class="mut">{part.dispatch} {client(part.connection)}</span>
        </button>
        <span class="gan whole" aria-hidden="true"><i style={{ left: `${percent(part.start_ns, whole)}%`, width: `${percent(part.duration_ns, whole)}%` }} /></span>
        <span class="n">{part.outcome === "raised" || part.outcome === "stopped" || part.outcome === "pending" ? <OutcomeMark outcome={part.outcome} count={null} /> : duration(part.duration_ns)}</span>
      </div>
      {part.calls.map((call) => <Call key={call.position} call={call} whole={whole} depth={depth} />)}
      {part.error ? <p class="note bad">{visible(part.error)}</p> : null}
    </>
  );
}

function Call({ call, whole, depth }: { call: StoryCall; whole: number; depth: number }) {
  const store = useStore();
  const tone = call.outcome === "raised" || call.outcome === "stopped" || call.outcome === "pending" ? call.outcome : "";
  return (
    <div class={`strow${store.pickedHook.value === call.hook_id ? " sel" : ""}`}>
      <span class="el" style={{ paddingLeft: `${depth * 10 + 8}px` }}><i class="pos">{call.position}</i> <span class="hn">{call.hook}</span></span>
      <span class="gan" aria-hidden="true">
        {stepParts(call.start_ns, call.work_ns, call.wait_ns, whole).map((p) => <i class={p.wait ? (tone === "pending" ? "pending" : "w") : tone} style={{ left: `${Math.min(p.left, 99.5).toFixed(2)}%`, width: `${Math.min(p.width, 100 - p.left).toFixed(2)}%` }} />)}
      </span>
      <span class="n mut">{duration(call.work_ns + call.wait_ns)}<span class="vh">, of which waiting {duration(call.wait_ns)}, {call.outcome}</span></span>
    </div>
  );
}

function Moments({ data, whole }: { data: StoryData; whole: number }) {
  return (
    <>
      {data.moments.slice(0, 20).map((m) => (
        <div class="strow moment">
          <span class="el mut">{m.kind === "sent" ? `sent to ${client(m.connection) || "nobody"}` : m.kind}</span>
          <span class="gan" aria-hidden="true"><i class={`mk ${m.kind}`} style={{ left: `${percent(m.at_ns, whole)}%` }} /><span class={percent(m.at_ns, whole) > 60 ? "before" : ""} style={percent(m.at_ns, whole) > 60 ? { right: `${100 - percent(m.at_ns, whole)}%` } : { left: `${percent(m.at_ns, whole)}%` }}>{visible(m.text)}</span></span>
          <span class="n mut">+{duration(m.at_ns)}</span>
        </div>
      ))}
    </>
  );
}

/** What people misjudge: whether waits added up or ran side by side, and when the client was answered. */
export function summary(data: StoryData): string {
  const said: string[] = [];
  for (const part of data.events) {
    if (part.calls.length < 2) continue;
    const sum = part.calls.reduce((n, c) => n + c.work_ns + c.wait_ns, 0);
    const waits = part.calls.filter((c) => c.wait_ns > 0);
    if (waits.length < 2) continue;
    const overlapped = part.duration_ns < sum * 0.9;
    said.push(overlapped ? `${part.point}: joined at ${duration(part.duration_ns)}, the longest; one after another it would be ${duration(sum)}` : `${part.point}: ${plural(waits.length, "hook")} waited one after another, ${duration(part.duration_ns)} in all`);
  }
  const waited = data.events.filter((p) => p.calls.some((c) => c.wait_ns > 0)).map((p) => `${p.point} waited for ${longest(p).hook}, ${duration(longest(p).wait_ns)}`);
  const answered = data.moments.find((m) => /answer|sent|response/.test(m.text) || m.kind === "sent");
  if (!said.length && waited.length) said.push(...waited.slice(0, 3));
  if (answered) said.push(`the client heard at +${duration(answered.at_ns)}`);
  if (data.more) said.push(`${plural(data.more, "event")} more not drawn`);
  return said.length ? `${said.join("; ")}.` : `${plural(data.events.length, "event")}, ${duration(data.duration_ns)}.`;
}

const longest = (part: StoryPart) => part.calls.reduce((a, b) => (b.wait_ns > a.wait_ns ? b : a));

function StoryTable({ data }: { data: StoryData }) {
  return (
    <table class="ev plain" aria-label={`Story of event ${data.dispatch}`}>
      <thead><tr><th>event</th><th>point</th><th>hook</th><th>outcome</th><th class="n">at ms</th><th class="n">work</th><th class="n">wait</th></tr></thead>
      <tbody>
        {data.events.flatMap((part) => part.calls.map((call) => (
          <tr><td>{part.dispatch}</td><td>{part.point}</td><td class="hn">{call.hook}</td><td>{call.outcome}</td><td class="n">{at(call.start_ns)}</td><td class="n">{at(call.work_ns)}</td><td class="n">{at(call.wait_ns)}</td></tr>
        )))}
        {data.moments.map((m) => <tr><td>{m.dispatch}</td><td>{m.kind}</td><td colSpan={2}>{visible(m.text)} {client(m.connection)}</td><td class="n">{at(m.at_ns)}</td><td /><td /></tr>)}
      </tbody>
    </table>
  );
}

const at = (ns: number) => (ns / 1e6).toFixed(2);
