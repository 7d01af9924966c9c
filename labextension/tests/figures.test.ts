import { describe, expect, test } from "vitest";
import { barOf, niceScale, partClass, scaleFor, stepParts } from "../src/core/bars.js";
import { closeWords } from "../src/core/closecodes.js";
import { completions } from "../src/core/filter.js";
import { bytes, count, duration, fineMs, ms, plural, rate, within } from "../src/core/format.js";
import type { EventRow, Segment } from "../src/core/protocol.js";
import { editWords, tokens } from "../src/core/python.js";
import { capped, differing, pointParts, visible } from "../src/core/text.js";

const MS = 1e6;
const event = (segments: Segment[], more: Partial<EventRow> = {}): EventRow => {
  const sum = (kind: string) => segments.filter((s) => s[0] === kind).reduce((n, s) => n + s[1], 0);
  return { dispatch: 1, time: 0, connection: 1, point: "message", outcome: "ok", duration_ns: sum("work") + sum("wait"), work_ns: sum("work"), wait_ns: sum("wait"), changed: 0, error: null, revision: 1, segments, ...more };
};

describe("bars", () => {
  test("segments keep the chain's order and one linear scale", () => {
    const { parts, torn } = barOf(event([["work", 1 * MS, "ok"], ["wait", 3 * MS, "ok"], ["work", 0.5 * MS, "ok"]]), 5 * MS);
    expect(parts.map((p) => [p.part, p.percent])).toEqual([["work", 20], ["wait", 60], ["work", 10]]);
    expect(torn).toBe(false);
  });

  test("what is longer than the scale is cut there and torn", () => {
    const { parts, torn } = barOf(event([["work", 1 * MS, "ok"], ["wait", 46.9 * MS, "ok"], ["work", 1 * MS, "ok"]]), 5 * MS);
    expect(parts.map((p) => p.percent)).toEqual([20, 80]);
    expect(torn).toBe(true);
  });

  test("time of the bench's own, beside its hooks, tears nothing", () => {
    expect(barOf(event([["work", 1 * MS, "ok"]], { duration_ns: 90 * MS }), 5 * MS).torn).toBe(false);
  });

  test("an event without segments shows its sums", () => {
    expect(barOf(event([], { work_ns: MS, wait_ns: MS, duration_ns: 2 * MS }), 2 * MS).parts.map((p) => p.percent)).toEqual([50, 50]);
  });

  test("only a raise, a stop and what is pending leave the two inks of time", () => {
    const cls = (part: "work" | "wait", outcome: Segment[2]) => partClass({ part, outcome, percent: 1 });
    expect([cls("work", "ok"), cls("work", "changed"), cls("wait", "changed"), cls("work", "raised"), cls("work", "stopped"), cls("wait", "pending")]).toEqual(["", "", "w", "raised", "stopped", "pending"]);
  });

  test("scales are 1, 2 or 5 times a power of ten", () => {
    expect([0.9, 1, 1.1, 3, 5.1, 47].map((n) => niceScale(n * MS) / MS)).toEqual([1, 1, 2, 5, 10, 50]);
    expect(niceScale(0)).toBe(1 * MS);
  });

  test("four of five events fit; a pending one does not count", () => {
    const rows = [1, 1, 2, 4, 300].map((n) => ({ work_ns: n * MS, wait_ns: 0, outcome: "ok" as const }));
    expect(scaleFor([...rows, { work_ns: 0, wait_ns: 9e12, outcome: "pending" }]) / MS).toBe(5);
  });

  test("the scale holds still until it no longer fits", () => {
    const at = (n: number) => [{ work_ns: 0, wait_ns: n * MS, outcome: "ok" as const }];
    expect(scaleFor(at(1.2), 5 * MS)).toBe(5 * MS);
    expect(scaleFor(at(0.8), 5 * MS)).toBe(1 * MS);
    expect(scaleFor(at(6), 5 * MS)).toBe(10 * MS);
    expect(scaleFor([], 5 * MS)).toBe(5 * MS);
  });

  test("a waiting step is drawn between the halves of its work, inside its event", () => {
    expect(stepParts(10, 20, 60, 100)).toEqual([{ left: 10, width: 10, wait: false }, { left: 20, width: 60, wait: true }, { left: 80, width: 10, wait: false }]);
    expect(stepParts(0, 5, 0, 0)).toEqual([]);
  });
});

describe("figures", () => {
  test("nothing is rounded to a lying zero", () => {
    expect([212 * MS, 47.51 * MS, 0.9 * MS, 0.06 * MS, 4000, 100, 0].map(ms)).toEqual(["212", "47.5", "0.9", "0.06", "0.004", "<0.001", "0"]);
    expect([46.9 * MS, 0.41 * MS, 4000, 0].map(fineMs)).toEqual(["46.90", "0.41", "0.004", "–"]);
  });

  test("durations carry the unit that fits", () => {
    expect([800, 12_345, 0.1 * MS, 48 * MS, 1.25e9].map(duration)).toEqual(["800 ns", "12 µs", "0.1 ms", "48 ms", "1.3 s"]);
  });

  test("thousands are grouped, rates and sizes short", () => {
    expect([count(4198), count(1_000_000), rate(0.52), rate(5), rate(128.4), bytes(25), bytes(1500), plural(1, "call"), plural(4162, "call")]).toEqual([
      "4\u202f198", "1\u202f000\u202f000", "0.5", "5", "128", "25 B", "1.5 kB", "1 call", "4\u202f162 calls",
    ]);
  });

  test("a time of another minute than the heading's is written out", () => {
    const noon = new Date(2026, 1, 1, 12, 0, 5, 7).getTime();
    expect(within(noon, noon)).toBe("05.007");
    expect(within(noon - 60_000, noon)).toBe("11:59:05");
  });

  test("close codes come in words; below 1000 it is the HTTP status of a refused upgrade", () => {
    expect([1000, 1009, 4401, 401].map(closeWords)).toEqual(["1000, closed normally", "1009, message too large", "code 4401 of the application", "refused at upgrade: 401 Unauthorized"]);
  });
});

describe("text", () => {
  test("control and bidirectional characters are made visible", () => {
    expect(visible("a\u0000b\u202ec\u200bd\te")).toBe("a␀b\\u202ec\\u200bd\te");
  });

  test("long text is cut, saying by how much", () => {
    expect(capped("x".repeat(10), 4)).toBe("xxxx … 6 more characters");
  });

  test("a difference is its common ends and the middles between", () => {
    expect(differing("this darn build", "this **** build")).toEqual({ head: "this ", gone: "darn", come: "****", tail: " build" });
    expect(differing("aa", "aaa")).toEqual({ head: "aa", gone: "", come: "a", tail: "" });
  });

  test("edits are said in words, what is unknown stays Python", () => {
    expect(editWords('bench.chain("message").move("a", before="b")')).toBe("a moved before b");
    expect(editWords('bench.chain("message").move("a", before=None)')).toBe("a moved to the end");
    expect(editWords('bench.chain("message").enable("a", False)')).toBe("a disabled");
    expect(editWords(`bench.chain("message").attach(echo, name="echo-2")  # from workbench.dialects.crossws.ready import echo`)).toBe("echo-2 attached");
    expect(editWords("bench.undo()")).toBe("bench.undo()");
  });

  test("tokens of a line put together are the line", () => {
    const line = 'bench.chain("m").enable("e", False)  # off since 5';
    expect(tokens(line).map((t) => t[1]).join("")).toBe(line);
    expect(tokens(line).filter((t) => t[0]).map((t) => t[0])).toEqual(["s", "s", "k", "c"]);
    const source = 'rewrite("a", """\\\ndef a():  # "why"\n    return "b"\n""")  # as it was';
    expect(tokens(source).filter((t) => t[0]).map((t) => t[0])).toEqual(["s", "s", "c"]);
  });
});

describe("filter", () => {
  const known = { points: ["message", "filter items.create"], hooks: ["auth", "audit"], connections: [1, 2] };
  const labels = (text: string) => completions(text, known).map((c) => c.label);

  test("fields are offered, then the values that the bench has", () => {
    expect(labels("ou")).toEqual(["outcome"]);
    expect(labels("point=message and hook=au")).toEqual(["auth", "audit"]);
    expect(labels("(client=")).toEqual(["c1", "c2"]);
    expect(labels("duration>")).toContain("10ms");
    expect(labels("error~x")).toEqual([]);
  });

  test("a completion keeps what stands before it, and quotes what needs quotes", () => {
    expect(completions("outcome=raised point=fil", known)[0]!.text).toBe('outcome=raised point="filter items.create" ');
    expect(completions("not ", known)[0]!.text).toBe("not point=");
  });
});

test("names of points are broken where their words end", () => {
  const broken = (name: string) => pointParts(name).join("|");
  expect(["filter messages.items.create", "response-started", "beforeHandleAwareness", "message"].map(broken)).toEqual([
    "filter |messages.|items.|create", "response-|started", "before|Handle|Awareness", "message",
  ]);
});
