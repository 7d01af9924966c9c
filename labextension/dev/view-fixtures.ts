/** Timeline, story, stats and lints of the chat whose events and chain are in `fixtures`; the figures agree with those. */
import type { LintsData, StatsData, StatsRow, StoryData, TimelineData } from "../src/core/insight-data.js";
import { inspector, rows } from "./fixtures.js";

const MS = 1e6;
const oldest = [...rows].reverse();
const hooksOf = (point: string): string[] => (point === "upgrade" ? ["authenticate", "choose_room"] : point === "open" ? ["join_room"] : ["parse_json", "rate_limit", "clean_words", "broadcast"]);
const named = [...new Set(oldest.flatMap((r) => hooksOf(r.point).map((name) => `${r.point} ${name}`)))];

export const timeline: TimelineData = {
  total: 4198,
  hooks: named.map((text) => ({ point: text.split(" ")[0]!, name: text.split(" ")[1]! })),
  events: oldest.map((row) => {
    const hooks = hooksOf(row.point);
    let at = 0;
    const calls: TimelineData["events"][number]["calls"] = [];
    for (const [part, ns, outcome] of row.segments) {
      const last = calls.at(-1);
      if (part === "wait" && last) last[3] += ns;
      else calls.push([named.indexOf(`${row.point} ${hooks[Math.min(calls.length, hooks.length - 1)]}`), at, ns, 0, outcome]);
      at += ns;
    }
    return { dispatch: row.dispatch, time: row.time, duration_ns: row.duration_ns, connection: row.connection, point: row.point, outcome: row.outcome, revision: row.revision, calls };
  }),
  moments: [
    { time: inspector.time + 47.4, kind: "sent", text: "sent", connection: 1, bytes: 25, dispatch: 4196 },
    { time: inspector.time + 47.5, kind: "sent", text: "sent", connection: 4, bytes: 25, dispatch: 4196 },
  ],
  edits: [{ time: rows.find((r) => r.dispatch === 4191)!.time - 60, revision: 7, python: 'bench.chain("message").move("rate_limit", before="clean_words")' }],
};

const call = (position: number, hook: string, start: number, work: number, wait: number, outcome: StoryData["events"][number]["calls"][number]["outcome"] = "ok") => ({ position, hook, hook_id: `s${position}${hook}`, start_ns: start * MS, work_ns: work * MS, wait_ns: wait * MS, outcome });

/** A create of Directus: filters in line, the write, the client answered, then actions that nobody awaits. */
export const story: StoryData = {
  dispatch: 4196, root: 4196, more: 0, time: inspector.time, duration_ns: 47.6 * MS,
  events: [
    { dispatch: 4196, parent: null, point: "message", shape: "fold", connection: 2, outcome: "changed", error: null, start_ns: 0, duration_ns: 47.51 * MS,
      calls: [call(1, "parse_json", 0, 0.06, 0, "changed"), call(2, "rate_limit", 0.06, 0.02, 0, "changed"), call(3, "clean_words", 0.08, 0.41, 46.9, "changed"), call(4, "broadcast", 47.39, 0.12, 0)] },
  ],
  moments: [
    { at_ns: 47.4 * MS, kind: "sent", text: '{"say":"this **** build"}', connection: 1, bytes: 25, dispatch: 4196 },
    { at_ns: 47.5 * MS, kind: "sent", text: '{"say":"this **** build"}', connection: 4, bytes: 25, dispatch: 4196 },
  ],
};

const bins = Array.from({ length: 22 }, (_, i) => Math.round(10 ** ((9 + i) / 3)));
function stat(hook_id: string, hook: string, calls: number, share: number, p: [number, number, number, number] | null, max: number, more: Partial<StatsRow> = {}, point = "message"): StatsRow {
  const histogram = bins.map(() => 0).concat(0);
  const at = (ms: number) => bins.filter((b) => b <= ms * MS).length;
  if (p) for (const [i, ms] of p.entries()) histogram[at(ms)]! += Math.round(calls / (i * 4 + 2));
  else histogram[at(max)]! += calls;
  const [p50, p90, p95, p99] = p ?? [null, null, null, null];
  const ns = (ms: number | null) => (ms === null ? null : ms * MS);
  return { hook_id, hook, point, calls, share, errors: 0, changed: 0, stopped: 0, pending: 0, time_ns: share * 1e9, wait_ns: 0, samples: calls, p50_ns: ns(p50), p90_ns: ns(p90), p95_ns: ns(p95), p99_ns: ns(p99), max_ns: max * MS, histogram, ...more };
}

export const stats: StatsData = {
  rows: [
    stat("h6", "clean_words", 4159, 0.97, [0.7, 31, 48.2, 61], 212, { changed: 498, pending: 1 }),
    stat("g1", "broadcast", 4158, 0.02, [0.1, 0.1, 0.1, 0.3], 2.4),
    stat("h4", "parse_json", 4162, 0.01, [0.06, 0.08, 0.1, 0.9], 0.9, { errors: 3, changed: 4159 }),
    stat("h5", "rate_limit", 4159, 0, [0.02, 0.02, 0.02, 0.1], 0.3, { changed: 4159 }),
    stat("h1", "authenticate", 14, 0, null, 2.3, { changed: 13, stopped: 1 }, "upgrade"),
    stat("h2", "choose_room", 13, 0, null, 0.2, { changed: 13 }, "upgrade"),
  ],
  against: null, revision: null, revisions: [7, 6], sample: 4198, total: 4198, bins, enough: 20,
};

export const lints: LintsData = {
  sample: 4198,
  lints: [
    { rule: "changed-after-await", hook: "h6", name: "clean_words", point: "message", sentence: "clean_words awaited and changed context.msg while other events of the connection ran.", why: "Between its await and its write another event may have read or written the same, so one change can undo the other.", fix: "Write before the await, or keep the value in the event and not in the connection's context; a lock per connection works too.", count: 41, examples: [4196, 4190] },
    { rule: "never-ran", hook: "h9", name: "log_error", point: "error", sentence: "log_error never ran.", why: "No event came to error while 4,198 came elsewhere.", fix: "Check the name of the point, or move it before what ends the events; remove it where nobody needs it.", count: 1, examples: [] },
  ],
};
