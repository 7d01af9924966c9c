/** How often this panel wants frames: not at all when nobody can see it, most when it has the focus. */
import { useEffect, useState } from "preact/hooks";
import type { Pace } from "../core/protocol.js";

export function usePace(root: { current: HTMLElement | null }): Pace {
  const [pace, setPace] = useState<Pace>("visible");
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    const life = new AbortController();
    const { signal } = life;
    let inSight = true;
    let attended = false;
    const judge = () => setPace(document.hidden || !inSight ? "hidden" : attended ? "focused" : "visible");
    const attend = (on: boolean) => () => {
      attended = on;
      judge();
    };
    element.addEventListener("focusin", attend(true), { signal });
    element.addEventListener("pointerenter", attend(true), { signal });
    element.addEventListener("focusout", attend(false), { signal });
    element.addEventListener("pointerleave", () => attend(element.contains(document.activeElement))(), { signal });
    document.addEventListener("visibilitychange", judge, { signal });
    const observer = typeof IntersectionObserver === "undefined" ? null : new IntersectionObserver((entries) => {
      inSight = entries.at(-1)?.isIntersecting ?? true; // one call tells of all changes since the last, the newest at the end
      judge();
    });
    observer?.observe(element);
    judge();
    return () => {
      life.abort();
      observer?.disconnect();
    };
  }, []);
  return pace;
}
