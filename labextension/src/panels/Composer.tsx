/** Writes a message as one of the clients: text, checked JSON, or bytes as hex or base64. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { compose, jsonError, type ComposeKind } from "../core/clients.js";
import type { Offered } from "../core/protocol.js";
import { useKept, useStore } from "./context.js";
import { OutcomeMark } from "./icons.js";

const KINDS: readonly (readonly [ComposeKind, string])[] = [["text", "Text"], ["json", "JSON"], ["hex", "Hex"], ["base64", "Base64"]];

const HELLO = "hello";

export function Composer() {
  const store = useStore();
  const text = useKept("composer text", HELLO);
  const kind = useKept<ComposeKind>("composer kind", "text");
  const error = useSignal<string | null>(null);
  const send = useRef<HTMLButtonElement>(null);
  const active = store.console.active.value;
  const ready = active?.state === "open";
  const fresh = (store.header.value?.events ?? 0) === 0;
  useFirstFocus(send, ready && fresh);
  const link = store.link.value;
  const offered = link.phase === "open" ? (link.bench.messages ?? []) : [];
  const take = (one: Offered | undefined) => {
    if (!one) return;
    kind.value = one.kind;
    text.value = one.text;
    error.value = null;
  };
  useEffect(() => {
    if (text.value === HELLO) take(offered[0]); // what the bench's own system understands
  }, [offered.length]);
  const submit = async (event: Event) => {
    event.preventDefault();
    const what = compose(kind.value, text.value);
    error.value = "error" in what ? what.error : null;
    if (!active || "error" in what) return;
    if (ready) await store.console.send(active.id, what);
    else await store.console.reopen(active);
  };
  return (
    <>
      {error.value ? <div class="note bad" role="status">{error.value}</div> : null}
      <form class="cmp" onSubmit={(event) => void submit(event)}>
        <select class="btn line" aria-label="Write as client" value={active?.id ?? ""} onChange={(event) => store.console.choose(event.currentTarget.value)}>
          {store.console.clients.value.map((c) => <option value={c.id}>As {c.id}</option>)}
          {active ? null : <option value="">no client</option>}
        </select>
        <select class="btn line" aria-label="Kind of message" value={kind.value} onChange={(event) => { kind.value = event.currentTarget.value as ComposeKind; error.value = null; }}>
          {KINDS.map(([value, label]) => <option value={value}>{label}</option>)}
        </select>
        {offered.length ? (
          <select class="btn line" aria-label="Message to try" value="" onChange={(event) => { take(offered.find((one) => one.label === event.currentTarget.value)); event.currentTarget.value = ""; }}>
            <option value="">Try…</option>
            {offered.map((one) => <option value={one.label}>{one.label}</option>)}
          </select>
        ) : null}
        <input class="in" aria-label="Message" value={text.value} spellcheck={false} onInput={(event) => { text.value = event.currentTarget.value; error.value = null; }} />
        <JsonMark kind={kind.value} text={text.value} />
        <button type="submit" class={`btn pri${ready && fresh ? " focus" : ""}`} ref={send} disabled={!active || active.state === "connecting" || !store.editable.value}>
          {!active || ready || active.state === "connecting" ? "Send" : "Connect"}
        </button>
      </form>
    </>
  );
}

/** A word about JSON: checked when chosen, and when plain text looks like it. */
function JsonMark({ kind, text }: { kind: ComposeKind; text: string }) {
  const looks = /^\s*[[{]/.test(text);
  if (kind !== "json" && !(kind === "text" && looks)) return null;
  const bad = jsonError(text);
  if (bad) return kind === "json" ? <span class="oc oc-raised fs1" title={bad.error}>not JSON</span> : null;
  return <span class="oc oc-ok"><OutcomeMark outcome="ok" /></span>;
}

/** On an empty bench Send has the focus, unless that would take it away from somebody typing elsewhere, or at work in the bench before its client is there. */
function useFirstFocus(button: { current: HTMLButtonElement | null }, wanted: boolean): void {
  const done = useRef(false);
  useEffect(() => {
    const element = button.current;
    if (!wanted || done.current || !element) return;
    done.current = true;
    const focused = document.activeElement;
    const [cell, bench] = [element.closest(".jp-Cell"), element.closest(".wb")];
    if (!focused || focused === document.body || (cell?.contains(focused) && !bench?.contains(focused))) element.focus({ preventScroll: true });
  }, [wanted]);
}
