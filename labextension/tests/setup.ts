/** happy-dom has no layout: what the panels measure is answered here. */
import { afterEach, vi } from "vitest";

if (typeof Element !== "undefined") Object.assign(Element.prototype, { setPointerCapture: () => {}, releasePointerCapture: () => {}, scrollIntoView: () => {} });
// It tells of a selection while that is being set, which no browser does and CodeMirror does not bear.
if (typeof Selection !== "undefined") Object.assign(Selection.prototype, { collapse: () => {}, extend: () => {} });

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  if (typeof document !== "undefined") document.body.replaceChildren();
});
