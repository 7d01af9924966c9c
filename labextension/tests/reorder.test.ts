import { describe, expect, test } from "vitest";
import { IDLE, preview, reorder, type Reorder, type ReorderEvent, type Row } from "../src/core/reorder.js";

const row = (id: string, more: Partial<Row> = {}): Row => ({ id, name: id, lane: "", movable: true, enabled: true, ...more });
const rows = [row("echo"), row("shout"), row("log"), row("guest", { lane: "resolved", movable: false })];

function run(events: ReorderEvent[], from: Reorder = IDLE) {
  const said: (string | null)[] = [];
  let state = from;
  let move = null;
  for (const event of events) {
    const outcome = reorder(state, event, rows);
    state = outcome.state;
    move = outcome.move;
    said.push(outcome.say);
  }
  return { state, move, said };
}

describe("lifting by keys", () => {
  test("says where the hook stands, where it goes, and where it was dropped", () => {
    const { said, move, state } = run([{ type: "lift", id: "shout", via: "keys" }, { type: "step", by: -1 }, { type: "drop" }]);
    expect(said).toEqual(["shout, lifted, position 2 of 3", "moved to 1 before echo", "shout, dropped, position 1 of 3"]);
    expect(move).toEqual({ hook: "shout", before: "echo" });
    expect(state).toEqual(IDLE);
  });

  test("ends of the lane are said, not passed", () => {
    const { said, state } = run([{ type: "lift", id: "echo", via: "keys" }, { type: "step", by: -1 }]);
    expect(said[1]).toBe("echo is already first");
    expect(state.lifted?.at).toBe(0);
  });

  test("escape puts it back and sends nothing", () => {
    const { said, move, state } = run([{ type: "lift", id: "log", via: "keys" }, { type: "step", by: -2 }, { type: "cancel" }]);
    expect([said[2], move, state]).toEqual(["log put back, position 3 of 3", null, IDLE]);
  });

  test("dropped where it was, it is put back", () => {
    expect(run([{ type: "lift", id: "log", via: "keys" }, { type: "drop" }]).move).toBeNull();
  });

  test("to the end of the lane there is no hook to stand before", () => {
    expect(run([{ type: "lift", id: "echo", via: "keys" }, { type: "to", at: 99 }, { type: "drop" }]).move).toEqual({ hook: "echo", before: null });
  });
});

describe("one machine for every way", () => {
  const ways: [string, ReorderEvent[]][] = [
    ["drag", [{ type: "lift", id: "log", via: "pointer" }, { type: "to", at: 1 }, { type: "to", at: 0 }, { type: "drop" }]],
    ["keys", [{ type: "lift", id: "log", via: "keys" }, { type: "step", by: -1 }, { type: "step", by: -1 }, { type: "drop" }]],
    ["alt and arrows", [{ type: "nudge", id: "log", by: -2 }]],
    ["menu", [{ type: "place", id: "log", at: 0 }]],
  ];
  test.each(ways)("%s ends in the same edit", (_name, events) => {
    expect(run(events).move).toEqual({ hook: "log", before: "echo" });
    expect(run(events).state).toEqual(IDLE);
  });

  test("a nudge is said in one sentence", () => {
    expect(run([{ type: "nudge", id: "log", by: -1 }]).said).toEqual(["log, moved to 2 of 3, before shout"]);
  });

  test("a nudge over the end says so and sends nothing", () => {
    const { said, move } = run([{ type: "nudge", id: "log", by: 1 }]);
    expect([said, move]).toEqual([["log is already last"], null]);
  });
});

describe("what cannot be done", () => {
  test("a guest is not lifted, with the reason", () => {
    const { state, said } = run([{ type: "lift", id: "guest", via: "pointer" }]);
    expect(state).toEqual(IDLE);
    expect(said[0]).toMatch(/^guest cannot be moved/);
  });

  test("guests are no places to stand: positions count the lane's own hooks", () => {
    expect(run([{ type: "lift", id: "echo", via: "keys" }]).state.lifted?.order).toEqual(["echo", "shout", "log"]);
  });

  test("dropped over a shut place the hook goes back; the reason is said once", () => {
    const shut: ReorderEvent = { type: "shut", reason: "open calls (peer)" };
    const { said, move, state } = run([{ type: "lift", id: "echo", via: "pointer" }, { type: "to", at: 2 }, shut, shut, { type: "drop" }]);
    expect(said.slice(2)).toEqual(["shut: open calls (peer)", null, "echo put back, position 1 of 3"]);
    expect([move, state]).toEqual([null, IDLE]);
  });

  test("over an open place again the shut one is forgotten", () => {
    const { state } = run([{ type: "lift", id: "echo", via: "pointer" }, { type: "shut", reason: "x" }, { type: "to", at: 1 }]);
    expect(state.lifted?.shut).toBeNull();
  });

  test("a second lift and an unknown hook change nothing", () => {
    const held = run([{ type: "lift", id: "echo", via: "keys" }]).state;
    expect(run([{ type: "lift", id: "log", via: "keys" }], held).state).toEqual(held);
    expect(run([{ type: "lift", id: "nobody", via: "keys" }]).state).toEqual(IDLE);
  });

  test("steps, drops and cancels without a hook in the hand are nothing", () => {
    for (const event of [{ type: "step", by: 1 }, { type: "drop" }, { type: "cancel" }, { type: "shut", reason: "" }] as ReorderEvent[])
      expect(run([event])).toEqual({ state: IDLE, move: null, said: [null] });
  });
});

test("the preview is the lane as a drop would leave it", () => {
  const { state } = run([{ type: "lift", id: "echo", via: "keys" }, { type: "to", at: 1 }]);
  expect(preview(state.lifted!)).toEqual(["shout", "echo", "log"]);
});
