/** What follows from the width that an element has been given, worked out again whenever that changes. */
import { useEffect, useState } from "preact/hooks";

export function useWidth<T>(element: { current: Element | null }, first: T, of: (px: number) => T): T {
  const [found, setFound] = useState(first);
  useEffect(() => {
    if (!element.current || typeof ResizeObserver === "undefined") return;
    const watch = new ResizeObserver(([entry]) => {
      const px = entry?.contentRect.width ?? 0;
      if (px > 0) setFound(() => of(px));
    });
    watch.observe(element.current);
    return () => watch.disconnect();
  }, []);
  return found;
}
