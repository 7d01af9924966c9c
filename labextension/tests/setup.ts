/** happy-dom has no layout: what the panels measure is answered here. */
import { afterEach } from "vitest";

if (typeof Element !== "undefined") Object.assign(Element.prototype, { setPointerCapture: () => {}, releasePointerCapture: () => {}, scrollIntoView: () => {} });

afterEach(() => {
  if (typeof document !== "undefined") document.body.replaceChildren();
});
