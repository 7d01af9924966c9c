import { describe, expect, test } from "vitest";
import { editing, mounted, settle, type Editing } from "./helpers.js";

const better = (text: string) => text.replace('"****"', '"[censored]"');
const worse = (text: string) => text.replace('"****"', '"?"');
const kept = ({ fake }: Editing) => fake.heard.filter((m) => m["do"] === "keep");
const words = ({ panel }: Editing) => panel().textContent;
const tags = (page: Pick<Editing, "card">) => [...page.card("clean_words").querySelectorAll(".tag")].map((t) => t.textContent);

/** The page is gone; the kernel, and the bench in it, are not. */
async function reloaded({ fake, store, root }: Editing) {
  window.dispatchEvent(new Event("pagehide"));
  await settle();
  store.dispose();
  root.remove();
  return mounted(undefined, undefined, undefined, fake);
}

/** Another page writes a draft of the same hook. */
async function elsewhere({ fake }: Editing, text: string | null) {
  const { draft, version } = fake.sources.data;
  fake.sources.keep({ by: "another", seen: draft?.number ?? 0, ...(text === null ? {} : { text, version }) });
  fake.frame("source");
  fake.frame("chain");
  await settle();
}

function leaving(): boolean {
  const event = new Event("beforeunload", { cancelable: true });
  window.dispatchEvent(event);
  return !event.defaultPrevented;
}

describe("a page that is loaded anew", () => {
  test("marks the draft on its card, and its editor shows the text", async () => {
    const before = await editing();
    await before.write(better);
    const page = await reloaded(before);
    expect(tags(page)).toEqual(["draft"]);
    const { store } = await editing("clean_words", page);
    expect(store.sources.text.value).toContain("[censored]");
    expect(store.sources.overtaken.value).toBeNull();
  });

  test("says that the hook was changed meanwhile, on the card and in the editor", async () => {
    const before = await editing();
    await before.write(better);
    before.fake.sources.become("def clean_words(peer, message): pass\n", "cell", "cell 9");
    const page = await reloaded(before);
    expect(tags(page)).toEqual(["draft of v2"]);
    expect(page.card("clean_words").querySelector(".tag")!.getAttribute("title")).toContain("version 3 came meanwhile");
    const after = await editing("clean_words", page);
    expect(after.panel().querySelector("[role=alert]")!.textContent).toContain("Version 3 came meanwhile, from cell 9. Your draft began from version 2.");
    expect(after.store.sources.text.value).toContain("[censored]");
  });

  test("has nothing of a draft that was given up or applied", async () => {
    const before = await editing();
    await before.write(better);
    before.button("Revert draft").click();
    await settle();
    await before.write(better);
    before.button("Apply").click();
    await settle();
    const page = await reloaded(before);
    expect(tags(page)).toEqual([]);
    const { store } = await editing("clean_words", page);
    expect(store.sources.draft.value).toBeNull();
    expect(store.sources.text.value).toContain("[censored]"); // as version 3
  });

  test("has the last words too, which waited for no answer", async () => {
    const before = await editing();
    before.fake.slow = true;
    await before.write(better);
    await before.write((text) => `${text}# more\n`);
    expect(kept(before)).toHaveLength(1); // one at a time
    window.dispatchEvent(new Event("pagehide"));
    await settle();
    expect(kept(before)[1]!["text"]).toContain("[censored]");
    expect(kept(before)[1]!["text"]).toContain("# more");
    before.fake.release();
    const page = await reloaded(before);
    const { store } = await editing("clean_words", page);
    expect(store.sources.text.value).toContain("# more");
  });
});

describe("a draft on its way", () => {
  test("is followed by what was written meanwhile", async () => {
    const page = await editing();
    page.fake.slow = true;
    await page.write(better);
    for (const more of ["a", "b", "c"]) await page.write((text) => `${text}# ${more}\n`);
    page.fake.release();
    await settle();
    expect(kept(page)).toHaveLength(2);
    expect(page.fake.sources.data.draft!.text).toBe(page.store.sources.text.value);
    expect(leaving()).toBe(true);
  });

  test("is only in the page while the bench is out of reach, which the page says, and asks before it is left", async () => {
    const page = await editing();
    page.fake.lose("the side socket was closed");
    await page.write(better);
    expect(words(page)).toContain("Only this page has the draft: the bench is out of reach. Loading the page anew would lose it.");
    expect(leaving()).toBe(false);
    expect(tags(page)).toEqual(["draft"]);
    page.fake.dead = null;
    await page.store.channel.connect();
    await settle();
    expect(page.fake.sources.data.draft!.text).toContain("[censored]");
    expect(words(page)).not.toContain("Only this page");
    expect(leaving()).toBe(true);
  });

  test("that the bench does not take says why, until it is another one", async () => {
    const page = await editing();
    page.fake.refuse = '"text" of "source" is too long: 300000, at most 262144.';
    await page.write(better);
    expect(words(page)).toContain('Only this page has the draft: "text" of "source" is too long');
    expect(leaving()).toBe(false);
    page.fake.refuse = null;
    await page.write(worse);
    await page.write((text) => `${text}# shorter\n`);
    expect(words(page)).not.toContain("Only this page");
  });
});

describe("two pages", () => {
  test("see one draft, and each goes on from what the other wrote", async () => {
    const page = await editing();
    await page.write(better);
    await elsewhere(page, "def clean_words(peer, message): return 1\n");
    expect(page.store.sources.text.value).toContain("return 1");
    expect(page.panel().querySelector("[role=alert]")).toBeNull();
    await page.write((text) => `${text}# mine\n`);
    expect(page.fake.sources.data.draft!.text).toContain("return 1\n# mine");
    await elsewhere(page, null);
    expect(page.store.sources.draft.value).toBeNull();
    expect(tags(page)).toEqual([]);
  });

  test("that write at once lose neither draft: one is chosen, and both can be compared", async () => {
    const page = await editing();
    const conflict = async () => {
      page.fake.slow = true;
      await page.write((text) => `${text}# mine\n`);
      await elsewhere(page, `def clean_words(peer, message): pass  # theirs ${Math.random()}\n`);
      page.fake.release();
      await settle();
      expect(page.panel().querySelector("[role=alert]")!.textContent).toContain("Another page has a draft of this hook too.");
      expect(words(page)).not.toContain("Only this page has the draft"); // which the choice says already
      expect(page.store.sources.text.value).toContain("# mine");
      expect(page.fake.sources.data.draft!.text).toContain("# theirs");
      expect(leaving()).toBe(false);
    };
    await conflict();
    page.button("Show differences").click();
    await settle();
    expect([...page.panel().querySelectorAll(".dif .come")].map((l) => l.textContent)).toContain("+added: # mine");
    page.button("Keep my draft").click();
    await settle();
    expect(page.fake.sources.data.draft!.text).toContain("# mine");
    expect(page.panel().querySelector("[role=alert]")).toBeNull();

    await conflict();
    page.button("Take the other one").click();
    await settle();
    expect(page.store.sources.text.value).toContain("# theirs");
    expect(page.panel().querySelector("[role=alert]")).toBeNull();
    expect(leaving()).toBe(true);
  });
});
