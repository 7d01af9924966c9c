import { h, render } from "preact";
import { describe, expect, test, vi } from "vitest";
import { emptyState, FakeBench, fullState } from "../dev/fake.js";
import { compose } from "../src/core/clients.js";
import { diagnose, type ServerRow } from "../src/core/diagnose.js";
import { layoutFor } from "../src/panels/context.js";
import { Bench } from "../src/panels/Bench.js";
import { finalFields } from "../src/panels/inspect/Changes.js";
import { mounted, settle } from "./helpers.js";

const row = (more: Partial<ServerRow>): ServerRow => ({ id: "k.a", name: "a", dialect: "crossws", kernel: "k", url: "/", port: 1, state: "live", reason: null, rate: 0, errors: 0, clients: 0, notebook: null, kernel_state: "idle", ...more });

describe("events", () => {
  test("what stopped or raised takes a second line with hook, reason and effect", async () => {
    const { root } = await mounted();
    expect([...root.querySelectorAll("tr.why")].map((r) => r.textContent!.trim())).toEqual([
      "parse_json raised JSONDecodeError: Expecting value: line 1 column 1 (char 0); c4 stays open",
      "authenticate answered 401; choose_room not run",
    ]);
  });

  test("a long name of a point makes its column wide", async () => {
    const state = fullState();
    state.rows[0]!.point = "filter messages.items.create";
    const { root } = await mounted(state);
    expect(root.querySelector(".ev.long .at")!.textContent).toBe("filter messages.items.create");
    expect((await mounted()).root.querySelector(".ev.long")).toBeNull();
  });

  test("where events of another minute are in sight, the column of times takes them whole", async () => {
    const state = fullState();
    const width = async () => (await mounted(state)).root.querySelector<HTMLElement>(".ev .c-time")!.style.width;
    expect(await width()).toBe("");
    state.rows.at(-1)!.time -= 60_000;
    expect(await width()).toBe("84px");
  });

  test("every outcome has its word beside its shape", async () => {
    const { root } = await mounted();
    for (const mark of root.querySelectorAll(".ev .oc")) expect(mark.textContent!.length).toBeGreaterThan(1);
  });

  test("J and K walk, and the inspector follows", async () => {
    const { press, grip, fake, store } = await mounted();
    grip("parse_json").focus();
    await press("j");
    await press("j");
    await press("k");
    expect(store.selected.value).toBe(4197);
    expect(fake.heard.filter((m) => m.op === "watch" && m["view"] === "inspector").at(-1)!["params"]).toEqual({ dispatch: 4197 });
  });

  test("a scrolled list stands still and counts what is new", async () => {
    const { root, store, fake } = await mounted();
    store.list.hold();
    fake.state.header.events += 3;
    fake.frame("events");
    await settle();
    const pill = root.querySelector<HTMLElement>(".pill")!;
    expect(pill.textContent).toContain("+3 new");
    pill.click();
    await settle();
    expect(store.news.value).toBe(0);
  });

  test("a paused view says how much it has not shown", async () => {
    const { root, store, fake } = await mounted();
    store.pauseView(true);
    fake.state.header.events += 1240;
    fake.frame("events");
    await settle();
    expect(root.querySelector(".two .seg")!.textContent).toContain("Paused +1\u202f240");
  });

  test("between revisions stands what was edited", async () => {
    const { root } = await mounted();
    expect(root.querySelector("tr.rev")!.textContent).toBe("revision 7: rate_limit moved before clean_words");
  });
});

describe("a bench on which nothing has happened", () => {
  const said = (root: HTMLElement) => root.querySelector(".events")!.textContent!;

  test("sends people to the console where it stands", async () => {
    const { root } = await mounted(emptyState());
    expect(said(root)).toContain("Press Send in the console below");
    expect(said(root)).toContain("send a message in the console below, or paste:");
  });

  test("speaks of no console where the events are shown by themselves, but says how to get one", async () => {
    const { root } = await mounted(emptyState(), "events");
    expect(said(root)).not.toContain("below");
    expect(said(root)).toContain("paste into a terminal:");
    expect(said(root)).toMatch(/or run \w+\.console in a cell and press Send there: each event/);
  });
});

describe("inspector", () => {
  test("the client's answer is a line across the steps", async () => {
    const state = fullState();
    state.inspector!.answered_ns = 12e6;
    const { root } = await mounted(state);
    expect(root.querySelector(".steps tr.ans")!.textContent).toBe("client answered+12 ms");
    expect((await mounted()).root.querySelector(".steps tr.ans")).toBeNull();
  });

  test("the last writer of a field and over whom it wrote", () => {
    const change = (position: number, hook: string, path: string, before: string | null, after: string) => ({ position, hook, path, before, after, op: "changed" as const });
    expect(finalFields([change(1, "a", "x", null, "1"), change(2, "b", "x", "1", "2"), change(2, "b", "y", null, "3")]).map((f) => [f.path, f.hook, f.before, f.after, f.over])).toEqual([
      ["x", "b", null, "2", ["a"]],
      ["y", "b", null, "3", []],
    ]);
  });

  test("an event without a snapshot says why", async () => {
    const { root, store } = await mounted();
    store.select(4197);
    await settle();
    expect(root.querySelector(".inspector [role=tabpanel]")!.textContent).toContain("was not snapshotted");
  });

  test("a step that ended from outside says who ended it", async () => {
    const state = fullState();
    const why = "dropped by hand at the breakpoint before hook parse_json";
    state.inspector!.steps[0] = { ...state.inspector!.steps[0]!, outcome: "stopped", reason: why };
    const { root } = await mounted(state);
    expect(root.querySelector(".steps tr.out")!.textContent).toBe(why);
  });

  test("print and error stand in the step where they happened", async () => {
    const state = fullState();
    state.inspector!.steps[0] = { ...state.inspector!.steps[0]!, outcome: "raised", error: { text: "ValueError: bad", traceback: ["cell 4, line 3, in parse_json"] } };
    const { root, store } = await mounted(state);
    store.select(4196);
    await settle();
    const text = root.querySelector(".steps")!.textContent;
    expect(text).toContain("› cache miss: darn");
    expect(text).toContain("parse_json raised ValueError: badcell 4, line 3");
  });
});

describe("an onion", () => {
  test("who passed an error on says no more than that, and what it is around has a line of its own", async () => {
    const state = fullState();
    const steps = state.inspector!.steps;
    steps[0] = { ...steps[0]!, outcome: "raised", error: { text: "NotFound: no 7", traceback: [], passed: true } };
    state.inspector!.core = { name: "messages.get", text: "NotFound: no 7", traceback: ["cell 4, line 3, in get"] };
    const { root, store } = await mounted(state);
    store.select(4196);
    await settle();
    const told = [...root.querySelectorAll(".steps tr.err")].map((row) => row.textContent);
    expect(told).toEqual(["parse_json passed on NotFound: no 7", "messages.get raised NotFound: no 7cell 4, line 3, in get"]);
  });
});

describe("hostile payloads", () => {
  const EVIL = '<img src=x onerror="globalThis.pwned=1"><script>globalThis.pwned=1</script>\u202e';

  test("are text wherever they appear", async () => {
    const state = fullState();
    state.rows[5] = { ...state.rows[5]!, error: EVIL, effect: EVIL };
    state.inspector!.changes![2] = { ...state.inspector!.changes![2]!, path: EVIL, before: EVIL, after: `${EVIL}!` };
    state.inspector!.steps[2]!.printed = [EVIL];
    state.inspector!.clients![0]!.text = EVIL;
    state.console.clients[0]!.lines.push({ time: 1, direction: "in", text: EVIL, binary: false });
    state.console.clients[2]!.reason = EVIL;
    state.header.reason = EVIL;
    Object.assign(state.chain.points[2]!.lanes[0]!.hooks[0]!, { status: EVIL, why: EVIL, name: EVIL });
    state.history.entries[0]!.python = EVIL;
    const { root, store } = await mounted(state);
    store.select(4196);
    await settle();
    expect(root.querySelectorAll("img, script")).toHaveLength(0);
    expect((globalThis as Record<string, unknown>)["pwned"]).toBeUndefined();
    expect(root.querySelector(".console")!.textContent).toContain("<img src=x");
    expect(root.querySelector(".console")!.textContent).not.toContain("\u202e");
  });
});

describe("console", () => {
  test("times are seconds and milliseconds within the minute, as in the list of events, and whole where one points", async () => {
    const { root } = await mounted();
    const times = [...root.querySelectorAll<HTMLElement>(".console time")];
    expect(times.map((time) => time.textContent)).toContain("30.704");
    expect(times.every((time) => /^\d\d\.\d{3}$/.test(time.textContent!) && /^\d\d:\d\d:\d\d\.\d{3}$/.test(time.title))).toBe(true);
  });

  test("an empty bench gets a client by itself, once", async () => {
    const state = emptyState();
    state.console.clients = [];
    const { fake } = await mounted(state);
    expect(fake.heard.filter((m) => m.op === "client")).toMatchObject([{ do: "open", client: "c1", path: "/" }]);
  });

  test("its path is the one that the bench names", async () => {
    const state = emptyState();
    state.console.clients = [];
    state.header.socket_path = "/websocket";
    const { fake } = await mounted(state);
    expect(fake.heard.filter((m) => m.op === "client")).toMatchObject([{ do: "open", client: "c1", path: "/websocket" }]);
  });

  test("a bench without plain WebSockets gets none, and the next step in its place", async () => {
    const state = emptyState();
    state.console.clients = [];
    Object.assign(state.header, { dialect: "feathers", socket_path: null });
    const { fake, root } = await mounted(state);
    expect(fake.heard.filter((m) => m.op === "client")).toEqual([]);
    expect(root.querySelector(".console")!.textContent).toContain("no plain WebSocket");
    expect(root.querySelector(".console code")!.textContent).toBe(state.header.commands.find(([label]) => label === "curl")![1]);
    expect(root.querySelector(".cmp")).toBeNull();
    expect(root.querySelector(".empty")!.textContent).toContain("Paste a command");
  });

  test("the hook to paste into a cell is the bench's own", async () => {
    const state = emptyState();
    const { root } = await mounted(state);
    expect(root.querySelector(".incell pre")!.textContent).toBe(state.header.example);
  });

  test("what the system understands is written there, and the rest is a choice away", async () => {
    const state = emptyState();
    const messages = [{ label: "create", kind: "json" as const, text: '{"type":"items"}' }, { label: "token", kind: "base64" as const, text: "AAE=" }];
    state.bench = { ...state.bench, messages };
    const { root } = await mounted(state);
    const form = root.querySelector<HTMLFormElement>(".cmp")!;
    const [, kind, offer] = form.querySelectorAll("select");
    const shown = () => [kind!.value, form.querySelector("input")!.value];
    expect(shown()).toEqual(["json", '{"type":"items"}']);
    offer!.value = "token";
    offer!.dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
    expect(shown()).toEqual(["base64", "AAE="]);
  });

  test("Send has the focus there, unless somebody types elsewhere", async () => {
    await mounted(emptyState());
    expect(document.activeElement!.textContent).toBe("Send");
    const other = document.createElement("input");
    document.body.replaceChildren(other);
    other.focus();
    await mounted(emptyState());
    expect(document.activeElement).toBe(other);
  });

  test("nor does it take the focus from somebody who was at work before the client is there", async () => {
    const fake = new FakeBench({ ...emptyState(), console: { ...emptyState().console, clients: [] } });
    fake.slow = true;
    const { root } = await mounted(fake.state, "bench", {}, fake);
    const cell = document.createElement("div");
    cell.className = "jp-Cell";
    root.replaceWith(cell);
    cell.append(root);
    root.querySelector<HTMLElement>("[aria-label='Add a hook (/)']")!.click();
    await settle();
    const find = root.querySelector(".palette input");
    expect(document.activeElement).toBe(find);
    fake.release();
    await settle();
    expect(root.querySelector(".cmp [type=submit].focus")!.textContent).toBe("Send");
    expect(document.activeElement).toBe(find);
  });

  test("text is sent as it stands, bytes as base64", async () => {
    const { root, fake } = await mounted();
    const form = root.querySelector<HTMLFormElement>(".cmp")!;
    const input = form.querySelector<HTMLInputElement>("input")!;
    const put = async (kind: string, text: string) => {
      const [, kinds] = form.querySelectorAll("select");
      kinds!.value = kind;
      kinds!.dispatchEvent(new Event("change", { bubbles: true }));
      input.value = text;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      await settle();
      form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
      await settle();
    };
    await put("text", '{"say":"lunch?"}');
    await put("hex", "00 ff");
    await put("hex", "0g");
    expect(fake.heard.filter((m) => m.op === "client" && m["do"] === "send").map((m) => m["data"] ?? m["binary"])).toEqual(['{"say":"lunch?"}', "AP8="]);
    expect(root.querySelector(".note.bad")!.textContent).toContain("no hex digit");
  });

  test.each([["json", "{", "not JSON"], ["hex", "abc", "odd number"], ["base64", "*", "not base64"]] as const)("%s that is none says so", (kind, text, why) => {
    expect((compose(kind, text) as { error: string }).error).toContain(why);
  });

  test("a refused upgrade is told in words", async () => {
    const { root } = await mounted();
    expect(root.querySelector(".console")!.textContent).toContain("refused at upgrade: 401 Unauthorized: by authenticate");
  });
});

describe("states of the bench", () => {
  test("stopped and failed say why and offer Start", async () => {
    const state = fullState();
    Object.assign(state.header, { state: "failed", reason: "Port 8765 is taken by bench chat in lesson-1.ipynb." });
    const { root, fake } = await mounted(state);
    const banner = root.querySelector(".ban")!;
    expect(banner.textContent).toContain("Port 8765 is taken");
    banner.querySelector("button")!.click();
    await settle();
    expect(fake.heard.some((m) => m.op === "server" && m["do"] === "start")).toBe(true);
  });

  test("with the kernel gone the panels are a snapshot without edits", async () => {
    const { root, fake, edits, press, grip } = await mounted(fullState(), "bench", { diagnose: () => Promise.resolve({ kind: "gone", sentence: "It was restarted." }) });
    fake.lose("gone");
    await settle();
    await settle();
    expect(root.querySelector(".ban.bad")!.textContent).toContain("The kernel is gone");
    expect(root.querySelector(".wb")!.classList.contains("frozen")).toBe(true);
    grip("parse_json").focus();
    await press("Delete");
    await press("ArrowDown", { altKey: true });
    expect(edits()).toEqual([]);
  });

  test("a lost connection is said, with a way to try at once", async () => {
    const { root, fake } = await mounted();
    fake.lose("the side socket was closed");
    await settle();
    expect(root.querySelector(".ban")!.textContent).toContain("Reconnecting.");
    fake.dead = null;
    root.querySelector<HTMLElement>(".ban button")!.click();
    await settle();
    await settle();
    expect(root.querySelector(".ban")).toBeNull();
    expect(fake.heard.filter((m) => m.op === "watch" && m["view"] === "chain").length).toBe(2);
  });

  test("Jupyter's list tells a kernel that is gone from a bench that is stopped", () => {
    expect(diagnose([], "k.a")).toMatchObject({ kind: "gone" });
    expect(diagnose([row({ kernel_state: "dead" })], "k.a")).toMatchObject({ kind: "gone" });
    expect(diagnose([row({ state: "stopped", reason: "Stopped by hand at 15:31." })], "k.a")).toEqual({ kind: "stopped", sentence: "Stopped by hand at 15:31." });
    expect(diagnose([row({ kernel_state: "busy" })], "k.a")).toMatchObject({ kind: "busy" });
    expect(diagnose([row({})], "k.a")).toBeNull();
  });
});

describe("a refusal", () => {
  let tell: (entries: { isIntersecting: boolean }[]) => void = () => {};
  const refused = async (inSight: boolean, asked: boolean) => {
    vi.stubGlobal("IntersectionObserver", class {
      constructor(told: typeof tell) {
        tell = told;
      }
      observe() {}
      disconnect() {}
    });
    const { root, store } = await mounted();
    if (asked) root.querySelector<HTMLElement>(".history .pf input")!.focus();
    else (document.activeElement as HTMLElement | null)?.blur();
    store.notice.value = "Not done: no hook 'shoutx' at message";
    await settle();
    tell([{ isIntersecting: inSight }]);
    vi.unstubAllGlobals();
    return root.querySelector(".ban[role=status]")!.getAttribute("popover");
  };

  test("comes into the window where the head of the bench is out of sight, for the one who asked", async () => {
    expect(await refused(false, true)).toBe("manual");
  });

  test("stays in its place where that is in sight, and in the view of somebody else", async () => {
    expect([await refused(true, true), await refused(false, false)]).toEqual([null, null]);
  });
});

describe("two views of one bench", () => {
  test("what one of them sees is sent at the pace of the more attentive", async () => {
    const { store, fake } = await mounted();
    store.show(901, ["chain"], "focused");
    store.show(902, ["chain", "events"], "hidden");
    await settle();
    const pace = (view: string) => fake.heard.filter((m) => m.op === "watch" && m["view"] === view).at(-1)!["pace"];
    expect([pace("chain"), pace("events")]).toEqual(["focused", "visible"]);
    store.hide(901);
    await settle();
    expect(pace("chain")).toBe("visible");
  });

  test("the palette opens in the view that asked for it", async () => {
    const { store, root, press, grip } = await mounted();
    const other = document.createElement("div");
    document.body.append(other);
    render(h(Bench, { store, panel: "chain", fill: false }), other);
    await settle();
    grip("parse_json").focus();
    await press("/");
    expect([root, other].map((r) => r.querySelectorAll(".palette").length)).toEqual([1, 0]);
    render(null, other);
  });
});

describe("history", () => {
  test("a line that is broken keeps the blanks that it begins with", async () => {
    const state = fullState();
    state.history.entries[0]!.python = 'with bench.board.together():\n    bench.chain("message").attach(shout)';
    const { root } = await mounted(state);
    expect(root.querySelector(".lg .py")!.textContent).toBe('with bench.board.together():\n\u00a0\u00a0\u00a0\u00a0bench.chain("message").attach(shout)');
  });

  test("the lines for the data have the name that the bench has in Python", async () => {
    const state = fullState();
    state.header.spoken = 'benches["crossws"]';
    const lines = (await mounted(state)).root.querySelectorAll(".frames div");
    expect([...lines].map((line) => line.textContent!.split("#")[0]!.trim())).toEqual([
      'benches["crossws"].trace.calls',
      'benches["crossws"].trace.dispatches',
      'benches["crossws"].trace.summary(by="hook")',
    ]);
  });

  test("a mark is named in the panel, returned to, and cuts a cell", async () => {
    const { root, fake } = await mounted();
    const panel = root.querySelector<HTMLElement>(".history")!;
    const button = (text: string) => [...panel.querySelectorAll("button")].find((b) => b.textContent === text)!;
    panel.querySelector<HTMLInputElement>(".pf input")!.value = " before lunch ";
    button("Mark").click();
    await settle();
    expect(panel.querySelector(".lg li.mark")!.textContent).toContain('bench.mark("before lunch")');
    expect(panel.querySelector<HTMLInputElement>(".pf input")!.value).toBe("");
    button("Return here").click();
    button("Cell up to here").click();
    button("Cell from here on").click();
    await settle();
    const asked = fake.heard.filter((m) => m.op === "edit" || m["what"] === "cell");
    expect(asked.map((m) => m["edit"] ?? [m["until"], m["since"]])).toEqual([
      { kind: "mark", name: "before lunch" },
      { kind: "return_to", mark: "before lunch" },
      ["before lunch", undefined],
      [undefined, "before lunch"],
    ]);
  });
});

test("widths choose the mock's layouts", () => {
  expect([1180, 944, 700, 520].map(layoutFor)).toEqual(["wide", "mid", "stack", "narrow"]);
});

test("every control has a name", async () => {
  const { root } = await mounted();
  for (const control of root.querySelectorAll("button, input, select")) {
    const name = control.getAttribute("aria-label") ?? control.closest("label")?.textContent ?? control.textContent;
    expect(name!.trim(), control.outerHTML).not.toBe("");
  }
});
