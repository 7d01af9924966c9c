/**
 * A scrollbar of the list's true length over a table of the rows in sight. The table does not move: it stands in a frame that
 * sticks, and the scroll position says which row is its first. Rows with a second line therefore disturb nothing.
 */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { pxOf, rankAt, ROW, scrolled, type EventList } from "../core/list.js";
import { useView } from "./context.js";

const HEAD = 24;
const NEAR = 4;

export function useVirtual(list: EventList) {
  const view = useView();
  const scroller = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [tall, setTall] = useState(0);
  const [extra, setExtra] = useState(0);
  const { last } = list;
  const top = list.top.value;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const measure = () => {
      if (!element.clientHeight) return;
      setTall(element.clientHeight);
      list.fit(view, Math.floor((element.clientHeight - HEAD) / ROW));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => {
      observer.disconnect();
      list.leave(view);
    };
  }, [list, view]);

  // What the rows at the end take beyond the frame is scrolled within it.
  useLayoutEffect(() => {
    const inner = frame.current;
    const more = inner && tall && top === last ? Math.max(0, inner.scrollHeight - tall) : 0;
    if (Math.abs(more - extra) > 1) setExtra(more);
  });

  // Keys and new frames move the scrollbar as the pointer moves the list.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && tall && rankAt(element.scrollTop, last) !== top) element.scrollTop = pxOf(top, last);
    settle();
  }, [top, last, tall, list.before.value]);

  const settle = () => {
    if (scroller.current && frame.current) frame.current.scrollTop = Math.max(0, scroller.current.scrollTop - scrolled(last));
  };

  const onScroll = () => {
    const px = scroller.current?.scrollTop ?? 0;
    if (px <= NEAR && list.before.value !== null) list.follow();
    else if (px > NEAR) {
      list.hold();
      list.scrollTo(rankAt(px, last));
    }
    settle();
  };

  useLayoutEffect(() => {
    const walked = list.walked.value;
    const row = walked === null ? null : frame.current?.querySelector<HTMLElement>(`[data-dispatch="${walked}"]`);
    if (!row) return;
    row.focus({ preventScroll: true });
    const hidden = row.getBoundingClientRect().bottom - (frame.current?.getBoundingClientRect().bottom ?? 0);
    if (hidden > 1 && top < last) list.scrollTo(top + 1);
    else {
      list.walked.value = null;
      if (hidden > 1 && scroller.current) scroller.current.scrollTop += hidden + 1;
    }
  });

  return { scroller, frame, onScroll, height: tall ? `${scrolled(last) + extra + tall}px` : "auto", inner: tall ? `${tall}px` : "auto" };
}
