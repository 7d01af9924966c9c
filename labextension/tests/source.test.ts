import { effect } from "@preact/signals";
import { describe, expect, test } from "vitest";
import { folded, lineDiff } from "../src/core/lines.js";
import type { Verdict } from "../src/core/source-data.js";
import { toneOf, triedFirst, verdictWords } from "../src/core/verdict.js";
import { editing, mounted, settle } from "./helpers.js";

const signs = (before: string, after: string) => lineDiff(before, after).map(({ kind, text }) => kind + text);
const broken = (text: string) => text.replace("in WORDS:", "in WORDS");
const better = (text: string) => text.replace('"****"', '"[censored]"');

describe("differences", () => {
  test("what goes stands before what comes, and equal ends are left alone", () => {
    expect(signs("a\nb\nc", "a\nx\nc")).toEqual([" a", "-b", "+x", " c"]);
    expect(signs("a\nb\nc\nd", "b\nc\ne\nd")).toEqual(["-a", " b", " c", "+e", " d"]);
    expect(signs("", "a")).toEqual(["-", "+a"]);
    expect(signs("a\na\na", "a\na")).toEqual([" a", " a", "-a"]);
  });

  test("both texts can be read off them", () => {
    const text = (seed: number) => Array.from({ length: 30 }, (_, i) => `line ${(i * seed) % 7}`).join("\n");
    for (const [before, after] of [[text(3), text(5)], [text(2), text(6)], [text(1), ""]] as const) {
      const lines = lineDiff(before, after);
      expect(lines.filter((l) => l.kind !== "+").map((l) => l.text).join("\n")).toBe(before);
      expect(lines.filter((l) => l.kind !== "-").map((l) => l.text).join("\n")).toBe(after);
    }
  });

  test("texts too long to compare pair by pair are shown whole", () => {
    const many = (word: string) => Array.from({ length: 2100 }, (_, i) => `${word}${i}`).join("\n");
    expect(lineDiff(many("a"), many("b")).filter((l) => l.kind === "-")).toHaveLength(2100);
  });

  test("far unchanged lines are a number", () => {
    const lines = lineDiff(`${"x\n".repeat(10)}a`, `${"x\n".repeat(10)}b`);
    expect(folded(lines, 2).map((l) => (typeof l === "number" ? l : l.kind + l.text))).toEqual([8, " x", " x", "-a", "+b"]);
    expect(folded(lineDiff("a", "a"))).toEqual([1]);
  });
});

describe("verdicts in words", () => {
  const verdict = (more: Partial<Verdict>): Verdict => ({ applied: false, version: 3, stale: null, problems: [], trial: null, ...more });
  const trial = { ran: 20, skipped: null, raised: 1, changed: 12, slow: 0, events: [] };

  test("what was refused says what keeps running", () => {
    const found = verdict({ problems: [{ line: 4, column: 1, message: "expected ':'" }] });
    expect(verdictWords(found, "apply", 3)).toBe("Not applied: 1 problem found. Version 3 keeps running.");
    expect(toneOf(found, "apply")).toBe("bad");
    expect(verdictWords(verdict({ stale: "a cell was first" }), "apply", 3)).toBe("Not applied: a cell was first.");
  });

  test("a trial is counted, and one that raised is no success", () => {
    expect(verdictWords(verdict({ trial }), "check", 3)).toBe("Tried on 20 events: 12 changed, 1 raised, 7 ok.");
    expect(toneOf(verdict({ trial }), "check")).toBe("warn");
    expect(verdictWords(verdict({ trial: { ...trial, ran: 0, skipped: "it writes outside" } }), "check", 3)).toBe("Not tried: it writes outside.");
    expect(verdictWords(verdict({ applied: true, version: 4, trial: { ...trial, raised: 0 } }), "apply", 3)).toBe("Version 4 runs from the next event on. Tried on 20 events: 12 changed, 8 ok.");
    expect(toneOf(verdict({}), "check")).toBe("good");
  });

  test("what raised stands first, the newest event before older ones", () => {
    const event = (dispatch: number, outcome: "ok" | "changed" | "raised" | "late") => ({ dispatch, outcome, says: null, line: null });
    expect(triedFirst([event(1, "ok"), event(2, "changed"), event(3, "late"), event(4, "raised"), event(5, "changed")]).map((e) => e.dispatch)).toEqual([4, 3, 5, 2, 1]);
  });
});

describe("drafts", () => {
  test("e on a card opens its source, which nobody asked for before", async () => {
    const { store, panel, fake } = await editing();
    expect(panel().querySelector("h3")!.textContent).toBe("clean_words");
    expect(panel().textContent).toContain("v2");
    expect(store.sources.text.value).toContain("async def clean_words");
    const asked = fake.heard.filter((m) => m.op === "watch" && m["view"] === "source").map((m) => (m["params"] as { hook: string | null }).hook);
    expect([...new Set(asked)]).toEqual([null, "h6"]);
  });

  test("g and then e is the list of events, not the editor", async () => {
    const { grip, press, root } = await mounted();
    grip("clean_words").focus();
    await press("g");
    await press("e");
    expect(root.querySelector(".source")).toBeNull();
  });

  test("a draft outlives its closed editor and is marked on the card", async () => {
    const { store, button, write, card, root } = await editing();
    await write(better);
    expect(card("clean_words").textContent).toContain("draft");
    button("Close").click();
    await settle();
    expect(root.querySelector(".source")).toBeNull();
    card("clean_words").querySelector<HTMLElement>(".edit")!.click();
    await settle();
    expect(store.sources.text.value).toContain("[censored]");
    await write((text) => text.replace('"[censored]"', '"****"'));
    expect(store.sources.draft.value).toBeNull();
  });

  test("what does not compile stays a draft, and the line is a way into the text", async () => {
    const { store, panel, button, write, asked, card } = await editing();
    await write(broken);
    button("Apply").click();
    await settle();
    expect(panel().querySelector("[role=status].said")!.textContent).toBe("Not applied: 1 problem found. Version 2 keeps running.");
    expect(button("line").textContent).toBe("line 15: SyntaxError: expected ':'");
    expect(store.sources.draft.value).toMatchObject({ version: 2 });
    expect(card("clean_words").textContent).toContain("draft refused");
    expect(asked()).toMatchObject([{ do: "apply", hook: "h6", version: 2 }]);
    await write(better);
    expect(panel().querySelector(".said")!.textContent).toContain("The draft was changed since.");
  });

  test("an applied draft is the version that runs, without a banner between answer and frame", async () => {
    const { store, fake, panel, button, write } = await editing();
    await write(better);
    fake.slow = true;
    button("Apply").click();
    await settle();
    const seen: string[] = [];
    const stop = effect(() => void seen.push(store.sources.text.value));
    fake.release();
    expect(store.sources.overtaken.value).toBeNull();
    await settle();
    expect(store.sources.draft.value).toBeNull();
    expect(store.sources.data.value!.version).toBe(3);
    stop();
    expect(seen).toEqual([store.sources.data.value!.text]);
    expect(panel().querySelector(".said")!.textContent).toContain("Version 3 runs from the next event on.");
    expect(panel().querySelector(".ph")!.textContent).toContain("from editor");
  });

  test("a function by another name, and a decorator for another point, leave the hook what and where it is", async () => {
    const { write, button, panel } = await editing();
    const apply = async (change: (text: string) => string) => {
      await write(change);
      button("Apply").click();
      await settle();
      await settle();
      return panel().textContent!;
    };
    expect(await apply(better)).not.toContain("The function is called");
    const told = await apply((text) => text.replace("def clean_words", "def cleaner"));
    expect(told).toContain("The function is called cleaner; the hook keeps its name.");
    expect(told).toContain('left out: the hook is attached already, at message.');
  });

  test("what was typed while it was applied goes on as a draft of the new version", async () => {
    const { store, fake, button, write } = await editing();
    await write(better);
    fake.slow = true;
    button("Apply").click();
    await write((text) => `${text}# more\n`);
    fake.release();
    await settle();
    expect(store.sources.draft.value!.text).toContain("# more");
    expect(store.sources.draft.value!.version).toBe(3);
    expect(store.sources.overtaken.value).toBeNull();
  });

  test("a version from a cell never overwrites a draft: it can be seen, kept against, or taken", async () => {
    const { store, fake, panel, button, write, asked } = await editing();
    const cell = () => {
      fake.sources.become(`${fake.sources.data.text}# from the cell\n`, "cell", "cell 9");
      fake.frame("source");
      return settle();
    };
    await cell();
    expect(store.sources.text.value).toContain("# from the cell");
    await write(better);
    await cell();
    expect(panel().querySelector("[role=alert]")!.textContent).toContain("Version 4 came meanwhile, from cell 9.");
    button("Show differences").click();
    await settle();
    expect([...panel().querySelectorAll(".dif .gone")].map((l) => l.textContent)).toContain("-removed: # from the cell");
    button("Keep my draft").click();
    await settle();
    expect(panel().querySelector("[role=alert]")).toBeNull();
    button("Apply").click();
    await settle();
    expect(asked().at(-1)).toMatchObject({ version: 4 });
    await write((text) => `${text}# mine\n`);
    await cell();
    button("Take version").click();
    await settle();
    expect(store.sources.draft.value).toBeNull();
    expect(store.sources.text.value).not.toContain("# mine");
  });

  test("a draft that the bench calls stale is not applied, and says so", async () => {
    const { store, fake, panel, button, write } = await editing();
    await write(better);
    fake.sources.become("def clean_words(): pass\n", "cell", "cell 9");
    button("Apply").click();
    await settle();
    expect(panel().querySelector(".said")!.textContent).toContain("Not applied: clean_words is at version 3 by now");
    expect(store.sources.draft.value!.text).toContain("[censored]");
  });

  test("a refusal and a lost connection are told, and the draft stays", async () => {
    const { store, fake, panel, button, write } = await editing();
    await write(better);
    fake.refuse = "this notebook is not trusted";
    button("Apply").click();
    await settle();
    expect(panel().querySelector(".said.bad")!.textContent).toBe("Not done: this notebook is not trusted");
    fake.lose("the side socket was closed");
    await settle();
    expect(button("Apply").getAttribute("aria-disabled")).toBe("true");
    expect(store.sources.draft.value!.text).toContain("[censored]");
  });
});

describe("trials and versions", () => {
  test("each event that it was tried on opens in the inspector, and a line in the text", async () => {
    const { store, panel, button, write } = await editing();
    await write((text) => text.replace('"****"', "None"));
    button("Try").click();
    await settle();
    const rows = panel().querySelectorAll(".tried li");
    expect(rows).toHaveLength(20);
    expect(rows[0]!.textContent).toBe("event 4194raisedTypeError: replace() argument 2 must be str, not Noneline 16");
    rows[0]!.querySelector("button")!.click();
    expect(store.selected.value).toBe(4194);
    expect(store.sources.draft.value).not.toBeNull();
  });

  test("a draft that compiles and fails on an event can be applied all the same", async () => {
    const { store, panel, button, write, asked } = await editing();
    await write(broken);
    button("Apply").click();
    await settle();
    expect(button("Apply anyway")).toBeUndefined();
    await write((text) => text.replace("in WORDS", "in WORDS:").replace('"****"', "None"));
    button("Apply").click();
    await settle();
    expect(panel().querySelector(".said.bad")!.textContent).toContain("Version 2 keeps running.");
    button("Apply anyway").click();
    await settle();
    expect(asked().at(-1)).toMatchObject({ do: "apply", anyway: true });
    expect(store.sources.data.value!.version).toBe(3);
    expect(panel().querySelector(".said.warn")!.textContent).toContain("Version 3 runs from the next event on.");
  });

  test("an earlier version is compared and made current, as a version of its own", async () => {
    const { store, panel, button, asked } = await editing();
    button("Versions").click();
    await settle();
    button("Show differences of version 1").click();
    await settle();
    expect(panel().querySelector(".dif h4")!.textContent).toBe("From version 1 to 2");
    expect([...panel().querySelectorAll(".dif .come")].map((l) => l.textContent)).toEqual(['+added:         text = text.replace(word, "****")']);
    button("Make version 1 current").click();
    await settle();
    expect(asked().at(-1)).toEqual({ do: "return", hook: "h6", version: 2, to: 1 });
    expect(store.sources.text.value).toContain('"..."');
    expect(panel().querySelector(".vers li")!.textContent).toContain("v3 current");
  });

  test("what cannot be edited says why, and has no button that would", async () => {
    const { fake, panel } = await editing();
    Object.assign(fake.sources.data, { editable: false, why: "It is a guest of its connection." });
    fake.frame("source");
    await settle();
    expect(panel().querySelector(".ban")!.textContent).toBe("Read only. It is a guest of its connection.");
    expect([...panel().querySelectorAll("button")].map((b) => b.textContent)).not.toContain("Try");
  });

  test("the source is text, whatever it says", async () => {
    const { panel, button, write, fake } = await editing();
    await write(() => '<img src=x onerror="boom">\nfor x in y');
    fake.sources.verdict = { problems: [{ line: 2, column: 3, message: "<script>boom</script>\u202e" }] };
    button("Apply").click();
    await settle();
    button("Diff").click();
    await settle();
    expect(panel().querySelectorAll("img, script")).toHaveLength(0);
    expect(panel().querySelector(".wrongs")!.textContent).toContain("<script>boom</script>\\u202e");
  });
});
