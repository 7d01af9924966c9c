/** What concerns the whole bench: one sentence each, and the next step as a button. Nothing is modal. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useStore } from "./context.js";
import { Icon } from "./icons.js";

export function Banner() {
  const store = useStore();
  const standing = store.standing.value;
  const reason = store.header.value?.reason;
  const diagnosis = store.diagnosis.value;
  const link = store.link.value;
  if (standing === "gone") return <Strip tone="bad" bold="The kernel is gone, and this server with it." text={`${diagnosis?.sentence ?? ""} What you see is a snapshot; editing is off.`} />;
  if (standing === "failed")
    return (
      <Strip tone="amber" bold="The server is not running." text={reason ?? "It could not start."}>
        <Start />
      </Strip>
    );
  if (standing === "stopped")
    return (
      <Strip tone="amber" bold="The server is stopped." text={said(reason) ?? said(diagnosis?.sentence) ?? "Start it to serve clients; hooks can be edited meanwhile."}>
        <Start />
      </Strip>
    );
  if (standing === "lost" && link.phase === "lost")
    return (
      <Strip tone="amber" bold="Reconnecting." text={diagnosis?.sentence ?? `The page lost the bench: ${link.reason}. The server goes on.`}>
        <button type="button" class="btn line" onClick={() => void store.channel.connect()}>
          Try now
        </button>
      </Strip>
    );
  if (store.round.silent.value) return <Strip tone="amber" bold="The kernel is busy." text="A cell is running and this page has only the comm: edits wait until it is done. The server goes on." />;
  return null;
}

/** A reason that says more than the state itself. */
function said(reason: string | null | undefined): string | null {
  return reason && !/^stopped\.?$/i.test(reason) ? reason : null;
}

function Start() {
  const store = useStore();
  return (
    <button type="button" class="btn line" onClick={() => void store.server("start")}>
      Start
    </button>
  );
}

function Strip({ tone, bold, text, children }: { tone: "bad" | "amber"; bold: string; text: string; children?: ComponentChildren }) {
  return (
    <div class={`ban ${tone}`} role="alert">
      <Icon name={tone === "bad" ? "s-bad" : "s-warn"} as="" />
      <span>
        <b>{bold}</b> {text}
      </span>
      <span class="sp" />
      {children}
    </div>
  );
}

/** A refusal or a failed command: stays until it is put away or the next gesture. */
export function Notice() {
  const store = useStore();
  const text = store.notice.value;
  const strip = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => floatUnseen(strip.current), [text]);
  if (!text) return null;
  return (
    <div ref={strip} class="ban amber" role="status">
      <Icon name="s-warn" as="" />
      <span>{text}</span>
      <span class="sp" />
      <button type="button" class="btn ic" aria-label="Put this message away" onClick={() => (store.notice.value = null)}>
        <Icon name="i-x" />
      </button>
    </div>
  );
}

/** Whoever works at the foot of a tall bench does not see its head: what is said there comes into the window, to the one who asked. */
function floatUnseen(strip: HTMLElement | null): (() => void) | undefined {
  if (!strip || typeof IntersectionObserver === "undefined") return undefined;
  const watch = new IntersectionObserver((entries) => {
    watch.disconnect();
    if (entries.at(-1)?.isIntersecting || !strip.closest(".wb")?.contains(document.activeElement)) return;
    strip.setAttribute("popover", "manual");
    strip.showPopover?.();
  });
  watch.observe(strip);
  return () => watch.disconnect();
}
