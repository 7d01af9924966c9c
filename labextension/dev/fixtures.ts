/** One invented afternoon of a crossws chat. The figures of all panels agree with one another. */
import type { Palette } from "../src/core/chain-data.js";
import type { BenchInfo, ChainData, ChainPoint, ConsoleData, EventRow, HeaderData, HistoryData, HookCard, InspectorData, Outcome, Segment } from "../src/core/protocol.js";

const DAY = new Date(2026, 10, 20, 14, 2, 0).getTime();
const at = (second: number, minute = 0) => DAY + minute * 60_000 + second * 1000;
const MS = 1e6;

const PARAMETERS: Record<string, string[]> = {
  upgrade: ["request"], open: ["peer"], message: ["peer", "message"], close: ["peer", "details"], error: ["peer", "error"],
  drain: ["peer"], ping: ["peer", "data"], pong: ["peer", "data"],
};

const COMMANDS: [string, string][] = [
  ["wscat", "wscat -c ws://127.0.0.1:8765"],
  ["curl", "curl -i http://127.0.0.1:8765/"],
  ["Python", 'async with connect("ws://127.0.0.1:8765") as ws:\n    await ws.send("hello")'],
];

const EXAMPLE = "@bench.hook(\"message\")\ndef watch(peer, message):\n    print(message.text())";

export const bench: BenchInfo = {
  id: "8c1f.chat", name: "chat", dialect: "crossws", version: "0.1.0",
  points: Object.entries(PARAMETERS).map(([name, parameters]) => ({ name, title: name, parameters, policy: "", doc: "" })),
};

export const header: HeaderData = {
  name: "chat", dialect: "crossws", state: "live", reason: null, url: "http://127.0.0.1:8765", ws_url: "ws://127.0.0.1:8765", socket_path: "/", example: EXAMPLE, port: 8765, commands: COMMANDS,
  revision: 7, can_undo: true, can_redo: false, rate: 5, p95_ns: 48 * MS, recent: 256, clients: 4, events: 4198, kept: 4198, dropped: 0, errors: 3,
};

function hook(id: string, name: string, position: number | null, more: Partial<HookCard> = {}): HookCard {
  return {
    id, name, kind: "call", position, enabled: position !== null, guest: false, movable: true, version: 1, origin: { kind: "cell", label: "In[4]" }, calls: 0, p95_ns: null, errors: 0,
    changed: 0, stopped: 0, pending: 0, spark: [], why: null, status: null, traceback: null, ...more,
  };
}

function point(name: string, count: number, hooks: HookCard[], resolved: HookCard[] = []): ChainPoint {
  return {
    name, title: name, policy: "fold; results ignored; a raise is contained", count,
    lanes: [{ name: "", label: "global layer", shut: null, hooks }, ...(resolved.length ? [{ name: "resolved", label: "resolved layer, path /chat", shut: "its hooks are given per connection by the resolver", hooks: resolved }] : [])],
  };
}

const SPARK = [8, 7, 8, 10, 8, 8, 7, 10, 8, 8];
export const chain: ChainData = {
  revision: 7,
  points: [
    point("upgrade", 14, [
      hook("h1", "authenticate", 1, { calls: 14, changed: 13, stopped: 1, spark: [3, 4, 3, 5, 4] }),
      hook("h2", "choose_room", 2, { calls: 13, changed: 13, spark: [2, 2, 2, 3, 2] }),
    ]),
    point("open", 13, [hook("h3", "join_room", 1, { calls: 13, spark: [1, 1, 2, 1] })]),
    point(
      "message", 4162,
      [
        hook("h4", "parse_json", 1, { calls: 4162, p95_ns: 0.1 * MS, errors: 3, changed: 4159, spark: SPARK, why: "1st attached; nothing was moved over it." }),
        hook("h5", "rate_limit", 2, { calls: 4159, p95_ns: 0.02 * MS, changed: 4159, version: 3, spark: [6, 6, 6, 8, 6, 6, 6, 6, 8, 6], why: "Moved before clean_words in revision 7." }),
        hook("h6", "clean_words", 3, { calls: 4159, p95_ns: 48 * MS, changed: 498, pending: 1, version: 7, spark: [1, 1, 2, 1, 1, 6, 1, 1, 11, 3], status: "88 % of words cached", why: "3rd attached; rate_limit was moved before it in revision 7." }),
        hook("h7", "echo", null, { enabled: false, why: "Off since revision 5." }),
      ],
      [hook("g1", "broadcast", 4, { calls: 4158, p95_ns: 0.1 * MS, guest: true, movable: false, spark: [5, 6, 5, 7, 5, 10, 6, 5, 6, 7], why: "Resolved hooks run after the global ones; this one was given at upgrade to every connection at /chat." })],
    ),
    point("close", 9, [hook("h8", "leave_room", 1, { calls: 9 })]),
    point("error", 0, [hook("h9", "log_error", 1)]),
    point("drain", 0, []), point("ping", 0, []), point("pong", 0, []),
  ],
};

type Part = [part: "w" | "p", ms: number, outcome?: Outcome];

function event(dispatch: number, time: number, connection: number, pt: string, outcome: Outcome, parts: Part[], more: Partial<EventRow> = {}): EventRow {
  const segments: Segment[] = parts.map(([part, ms, oc]) => [part === "w" ? "work" : "wait", ms * MS, oc ?? "ok"]);
  const sum = (kind: string) => segments.filter((s) => s[0] === kind).reduce((n, s) => n + s[1], 0);
  return {
    dispatch, time, connection, point: pt, outcome, duration_ns: sum("work") + sum("wait"), work_ns: sum("work"), wait_ns: sum("wait"), changed: outcome === "changed" ? 2 : 0, error: null,
    hook: null, effect: null, revision: 7, segments, ...more,
  };
}

export const rows: EventRow[] = [
  event(4198, at(31.914), 1, "message", "pending", [["w", 0.06], ["w", 0.02], ["p", 12, "pending"]]),
  event(4197, at(31.702), 4, "message", "changed", [["w", 0.06], ["w", 0.02], ["w", 0.7], ["w", 0.11]]),
  event(4196, at(31.201), 2, "message", "changed", [["w", 0.06], ["w", 0.02], ["w", 0.2], ["p", 46.9], ["w", 0.21], ["w", 0.12]]),
  event(4195, at(31.189), 3, "open", "ok", [["w", 0.12]]),
  event(4194, at(31.187), 3, "upgrade", "changed", [["w", 0.21], ["p", 1.7], ["w", 0.1]]),
  event(4193, at(31.02), 4, "message", "raised", [["w", 0.12, "raised"]], { hook: "parse_json", error: "JSONDecodeError: Expecting value: line 1 column 1 (char 0)", effect: "c4 stays open" }),
  event(4192, at(30.911), 1, "message", "changed", [["w", 0.05], ["w", 0.02], ["w", 0.9], ["w", 0.13]]),
  event(4191, at(30.702), 3, "upgrade", "stopped", [["w", 0.2], ["p", 1.6], ["w", 0.1, "stopped"]], { hook: "authenticate", effect: "answered 401; choose_room not run" }),
  event(4190, at(30.31), 4, "message", "changed", [["w", 0.05], ["w", 0.6], ["w", 0.02], ["w", 0.1]], { revision: 6 }),
  event(4189, at(30.188), 2, "open", "ok", [["w", 0.11]], { revision: 6 }),
  event(4188, at(30.184), 2, "upgrade", "changed", [["w", 0.2], ["p", 1.7], ["w", 0.1]], { revision: 6 }),
  event(4187, at(29.95), 1, "message", "changed", [["w", 0.05], ["w", 0.8], ["w", 0.02], ["w", 0.11]], { revision: 6 }),
  event(4186, at(29.402), 4, "message", "changed", [["w", 0.06], ["w", 0.7], ["w", 0.02], ["w", 0.1]], { revision: 6 }),
  event(4185, at(28.911), 4, "message", "changed", [["w", 0.05], ["w", 0.65], ["w", 0.02], ["w", 0.09]], { revision: 6 }),
];

export const inspector: InspectorData = {
  dispatch: 4196, point: "message", connection: 2, time: at(31.201), revision: 7, outcome: "changed", duration_ns: 47.51 * MS,
  steps: [
    { position: 1, hook: "parse_json", hook_id: "h4", version: 1, outcome: "changed", start_ns: 0, work_ns: 0.06 * MS, wait_ns: 0, changed: 1, printed: [], error: null, reason: null },
    { position: 2, hook: "rate_limit", hook_id: "h5", version: 3, outcome: "changed", start_ns: 0.06 * MS, work_ns: 0.02 * MS, wait_ns: 0, changed: 1, printed: [], error: null, reason: null },
    { position: 3, hook: "clean_words", hook_id: "h6", version: 7, outcome: "changed", start_ns: 0.08 * MS, work_ns: 0.41 * MS, wait_ns: 46.9 * MS, changed: 1, printed: ["cache miss: darn"], error: null, reason: null },
    { position: 4, hook: "broadcast", hook_id: "g1", version: 1, outcome: "ok", start_ns: 47.39 * MS, work_ns: 0.12 * MS, wait_ns: 0, changed: 0, printed: [], error: null, reason: null },
    { position: null, hook: "echo", hook_id: "h7", version: 1, outcome: "skipped", start_ns: null, work_ns: 0, wait_ns: 0, changed: 0, printed: [], error: null, reason: "off since revision 5" },
  ],
  changes: [
    { position: 1, hook: "parse_json", path: "context.msg.say", before: null, after: '"this darn build"', op: "added" },
    { position: 2, hook: "rate_limit", path: "context.tokens", before: null, after: "9", op: "added" },
    { position: 3, hook: "clean_words", path: "context.msg.say", before: '"this darn build"', after: '"this **** build"', op: "changed" },
  ],
  clients: [
    { connection: 1, at_ns: 47.4 * MS, bytes: 25, text: '{"say":"this **** build"}' },
    { connection: 4, at_ns: 47.5 * MS, bytes: 25, text: '{"say":"this **** build"}' },
  ],
};

const line = (time: number, direction: "in" | "out" | "note", text: string) => ({ time, direction, text, binary: false });
export const consoleData: ConsoleData = {
  clients: [
    { id: "c1", state: "open", path: "/chat", rtt_ns: 0.2 * MS, code: null, reason: null, lines: [
      line(at(30.911), "out", '{"say":"morning all"}'), line(at(31.248), "in", '{"say":"this **** build"}'), line(at(31.703), "in", '{"say":"green again"}'), line(at(31.914), "out", '{"say":"what blasted luck"}')] },
    { id: "c2", state: "open", path: "/chat", rtt_ns: 0.2 * MS, code: null, reason: null, lines: [
      line(at(30.189), "note", "open, in room lobby"), line(at(30.912), "in", '{"say":"morning all"}'), line(at(31.201), "out", '{"say":"this darn build"}'), line(at(31.703), "in", '{"say":"green again"}')] },
    { id: "c3", state: "refused", path: "/chat", rtt_ns: null, code: 401, reason: "by authenticate", lines: [line(at(30.704), "note", "connecting without a token")] },
  ],
};

export const history: HistoryData = {
  cursor: 7,
  entries: [
    { number: 7, mark: null, revision: 7, python: 'bench.chain("message").move("rate_limit", before="clean_words")', author: "drag in this page", time: at(30.3), undone: false },
    { number: 6, mark: null, revision: 6, python: 'bench.chain("message").replace("clean_words", clean_words)', author: "cell 5, run again", time: at(12, -1), undone: false },
    { number: 5, mark: null, revision: 5, python: 'bench.chain("message").enable("echo", False)', author: "switch in this page", time: at(40, -4), undone: false },
    { number: 4, mark: null, revision: 4, python: 'bench.chain("message").attach(log_all)', author: "palette", time: at(2, -7), undone: true },
    { number: 3, mark: null, revision: 3, python: 'bench.chain("upgrade").attach(choose_room)', author: "cell 4", time: at(47, -10), undone: false },
  ],
};

const offer = (source: "ready" | "notebook", name: string, point: string, doc: string, reason: string | null = null) => ({ source, name, point, doc, fits: reason === null, reason, attached: false });
export const palette: Palette = {
  hooks: [
    offer("ready", "echo", "message", "sends each message back to its sender"),
    offer("ready", "upper_case", "message", "changes the text, so there is a change to see"),
    offer("ready", "require_token", "upgrade", "answers 401 unless ?token=open"),
    offer("ready", "log", "message", "prints each message"),
    offer("notebook", "shout", "message", "upper case, please"),
    offer("notebook", "tally", "message", "", "tally() takes no argument, message gives (peer, message)"),
  ],
};

export const emptyHeader: HeaderData = { ...header, state: "ready", revision: 0, can_undo: false, rate: 0, p95_ns: null, clients: 1, events: 0, kept: 0, errors: 0 };
export const emptyChain: ChainData = { revision: 0, points: chain.points.map((p) => ({ ...p, count: 0, lanes: [{ name: "", label: "global layer", shut: null, hooks: [] }] })) };
export const emptyConsole: ConsoleData = {
  clients: [{ id: "c1", state: "open", path: "/", rtt_ns: 0.2 * MS, code: null, reason: null, lines: [line(at(2.114), "note", "connected by the bench itself, inside the kernel; no network needed")] }],
};
