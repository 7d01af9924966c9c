import { h, render } from "preact";
import { afterEach, expect, test, vi } from "vitest";
import { usePace } from "../src/panels/pace.js";
import { settle } from "./helpers.js";

afterEach(() => vi.unstubAllGlobals());

test("a bench that left the window and came back between two looks is in sight", async () => {
  let told: (entries: { isIntersecting: boolean }[]) => void = () => {};
  vi.stubGlobal("IntersectionObserver", class {
    constructor(tell: typeof told) {
      told = tell;
    }
    observe() {}
    disconnect() {}
  });
  const bench = document.body.appendChild(document.createElement("div"));
  const Paced = () => h("p", null, usePace({ current: bench }));
  render(h(Paced, null), bench);
  await settle();
  told([{ isIntersecting: false }]);
  await settle();
  expect(bench.textContent).toBe("hidden");
  told([{ isIntersecting: false }, { isIntersecting: true }]);
  await settle();
  expect(bench.textContent).toBe("visible");
});
