/** Saving the bench as a file, on a bench that lives in the page. */
import { expect, test } from "vitest";
import { fullState } from "../dev/fake.js";
import { mounted, settle } from "./helpers.js";

async function opened(left_out: { hook: string; what: string; where: string }[] = [], secrets: string[] = []) {
  const state = fullState();
  Object.assign(state.saving, { left_out, secrets });
  const page = await mounted(state, "history");
  const button = [...page.root.querySelectorAll<HTMLButtonElement>("button")].find((b) => b.textContent === "Save")!;
  button.click();
  await settle();
  const box = page.root.querySelector<HTMLElement>(".pop.save")!;
  const press = async (name: string) => {
    const found = [...box.querySelectorAll<HTMLButtonElement>("button")].find((b) => b.textContent === name);
    if (!found) throw new Error(`no button ${name}`);
    found.click();
    await settle();
  };
  return { ...page, box, button, pressed: press, input: box.querySelector<HTMLInputElement>("input")! };
}

const asked = (page: Awaited<ReturnType<typeof opened>>) => page.fake.heard.filter((m) => m.op === "save").map(({ op, id, ...rest }) => rest);

test("the name is app.py, and the box says where the file is and the line that does the same", async () => {
  const page = await opened();
  expect(page.input.value).toBe("app.py");
  expect(document.activeElement).toBe(page.input);
  await page.pressed("Save");
  expect(asked(page)).toEqual([{ file: "app.py" }]);
  expect(page.box.textContent).toContain("Saved as /home/ada/app.py");
  expect(page.box.textContent).toContain('bench.save("app.py")');
  expect(page.said()).toBe("Saved as /home/ada/app.py");
});

test("what would be left out is listed with its line as text, before anything is written", async () => {
  const page = await opened([{ hook: "<b>keeper</b>", what: "closes over held, a live socket", where: "In[3], line 4" }]);
  await page.pressed("Save");
  expect(page.box.querySelector("li")!.textContent).toBe("<b>keeper</b>: closes over held, a live socket (In[3], line 4)");
  expect(page.box.textContent).not.toContain("Saved as");
  await page.pressed("Save without these");
  expect(asked(page)[1]).toEqual({ file: "app.py", leave_out: true });
  expect(page.box.textContent).toContain("Left out, with a remark in its place");
});

test("a file that somebody else wrote is written over only after asking", async () => {
  const page = await opened();
  page.input.value = "mine.py";
  page.input.dispatchEvent(new Event("input", { bubbles: true }));
  await settle();
  await page.pressed("Save");
  expect(page.box.textContent).toContain("mine.py is there already");
  await page.pressed("Write over it");
  expect(asked(page)).toEqual([{ file: "mine.py" }, { file: "mine.py", over: true }]);
  expect(page.box.textContent).toContain("Saved as /home/ada/mine.py");
});

test("a refusal is said in the box, and Escape gives the focus back to the button", async () => {
  const page = await opened();
  page.fake.refuse = "The name of a Python file is expected";
  await page.pressed("Save");
  expect(page.box.querySelector("[role=alert]")!.textContent).toBe("The name of a Python file is expected");
  page.input.focus();
  await page.press("Escape");
  expect(page.root.querySelector(".pop.save")).toBeNull();
  expect(document.activeElement).toBe(page.button);
});

test("what looks like a secret is named, and saved all the same", async () => {
  const page = await opened([], ["API_KEY", "<b>token</b>"]);
  await page.pressed("Save");
  expect(page.box.textContent).toContain("Saved as /home/ada/app.py");
  expect(page.box.textContent).toContain("What looks like a secret stands in it as text: API_KEY, <b>token</b>. Take care who sees the file.");
});
