import { describe, expect, test } from "vitest";
import { withLane } from "../src/core/chain-ops.js";
import { reasonOf } from "../src/panels/chain/Card.js";
import { listName, onionOf, otherLists } from "../src/core/onion.js";
import type { ChainData, ChainPoint, HookCard, LaneData } from "../src/core/protocol.js";
import { IDLE, reorder } from "../src/core/reorder.js";

function hook(id: string, kind: string, position: number | null): HookCard {
  return { id, name: id, kind, position, enabled: position !== null, guest: false, movable: true, version: 1, origin: null, calls: 0, p95_ns: null, errors: 0, changed: 0, stopped: 0, pending: 0, spark: [], why: null, status: null, traceback: null };
}

function lane(name: string, kind: string, hooks: HookCard[] = [], shut: string | null = null): LaneData {
  return { name, label: name.replace(".", " · ").replace(".", " "), kind, shut, hooks };
}

const point: ChainPoint = {
  name: "messages.create", title: "messages.create", policy: "", shape: "onion", core: "messages.create", count: 1,
  lanes: [
    lane("app.around.all", "around", [hook("log", "around", 1)]),
    lane("app.error.all", "error", [hook("hide", "error", 6)]),
    lane("app.before.all", "before", [hook("login", "before", 2)]),
    lane("app.error.create", "error"),
    lane("app.after.all", "after", [hook("strip", "after", 5)]),
    lane("messages.around.create", "around", [hook("off", "around", null)]),
    lane("messages.before.create", "before", [hook("trim", "before", 3)]),
    lane("messages.after.create", "after", [hook("sign", "after", 4)]),
  ],
};

describe("an onion", () => {
  test("is entered from the outside and left in reverse, the inner after hooks first", () => {
    const rows = onionOf(point).rows.map((r) => (r.row === "hook" ? r.hook.id : r.row === "leave" ? `leaves ${r.hook.id}` : r.text));
    expect(rows).toEqual(["app", "log", "login", "messages", "off", "trim", "messages.create", "sign", "strip", "leaves log"]);
  });

  test("goes one deeper with each around hook that runs, and with none that is off", () => {
    const depths = Object.fromEntries(onionOf(point).rows.flatMap((r) => (r.row === "hook" ? [[r.hook.id, r.depth]] : [])));
    expect(depths).toEqual({ log: 0, login: 1, off: 1, trim: 1, sign: 1, strip: 1 });
  });

  test("lists the ways of an error from the inside out, empty ones too", () => {
    expect(onionOf(point).errors.map((l) => l.name)).toEqual(["app.error.create", "app.error.all"]);
  });

  test("names a list below its level", () => {
    expect(listName(point.lanes[0]!)).toBe("around all");
    expect(listName({ ...point.lanes[0]!, label: "plain" })).toBe("plain");
  });

  test("offers a hook its other lists by level, its own level first", () => {
    const offered = (of: ChainPoint, id: string) => otherLists(of, id).map(([level, lists]) => [level, lists.map(listName)]);
    expect(offered(point, "trim")).toEqual([
      ["messages", ["around create", "after create"]],
      ["app", ["around all", "error all", "before all", "error create", "after all"]],
    ]);
    const plain = { ...point, lanes: [{ ...lane("one", "call", [hook("x", "call", 1)]), label: "one" }, { ...lane("two", "call"), label: "two" }] };
    expect(offered(plain, "x")).toEqual([["", ["two"]]]);
  });
});

describe("going to another list", () => {
  const rows = [{ id: "trim", name: "trim", lane: "a", movable: true, enabled: true }];
  const target = { name: "b", label: "list b" };

  test("a drop over it is a move with the list; stepping back into the own one forgets it", () => {
    const lifted = reorder(IDLE, { type: "lift", id: "trim", via: "pointer" }, rows).state;
    const over = reorder(lifted, { type: "lane", lane: target }, rows);
    expect(over.say).toBe("over list b");
    expect(reorder(over.state, { type: "drop" }, rows).move).toEqual({ hook: "trim", before: null, lane: "b" });
    const back = reorder(over.state, { type: "to", at: 0 }, rows).state;
    expect(reorder(back, { type: "drop" }, rows).move).toBeNull();
  });

  test("the menu sends a hook at once; one that is fixed stays", () => {
    expect(reorder(IDLE, { type: "send", id: "trim", lane: target }, rows).move).toEqual({ hook: "trim", before: null, lane: "b" });
    const fixed = [{ ...rows[0]!, movable: false }];
    expect(reorder(IDLE, { type: "send", id: "trim", lane: target }, fixed).move).toBeNull();
  });

  test("shows the hook there before the bench has answered, as what the list's hooks are", () => {
    const chain: ChainData = { revision: 1, points: [point] };
    const shown = withLane(chain, "trim", "messages.after.create").points[0]!;
    expect(shown.lanes.at(-1)!.hooks.map((h) => [h.id, h.kind])).toEqual([["sign", "after"], ["trim", "after"]]);
    expect(withLane(chain, "nobody", "x")).toBe(chain);
  });
});

test("the reason for a place names the list that it is a place in", () => {
  expect(reasonOf("1st attached", "before create")).toBe("In before create: 1st attached");
  expect(reasonOf("1st attached", undefined)).toBe("1st attached");
  expect(reasonOf(null, "before create")).toBe("The bench gave no reason for this place.");
});
