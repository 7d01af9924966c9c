/** The filter over the events: words with completion, its error underlined where it is, the same as pandas. */
import { useSignal } from "@preact/signals";
import { useEffect, useId, useMemo, useRef } from "preact/hooks";
import { hooksOf } from "../core/chain-ops.js";
import { completions, type Completion, type Known } from "../core/filter.js";
import { useStore } from "./context.js";
import { Icon } from "./icons.js";
import { CopyButton } from "./parts.js";

const PAUSE = 250;

export function FilterLine() {
  const store = useStore();
  const input = useRef<HTMLInputElement>(null);
  const text = useSignal(store.query.value);
  const open = useSignal(false);
  const at = useSignal(-1);
  const list = useId();
  const known = useKnown();
  const offered = open.value ? completions(text.value, known) : [];
  useEffect(() => void (text.value = store.query.value), [store.query.value]);
  useEffect(() => {
    const timer = setTimeout(() => text.value !== store.query.value && store.setQuery(text.value), PAUSE);
    return () => clearTimeout(timer);
  }, [text.value]);
  const take = (chosen: Completion) => {
    text.value = chosen.text;
    at.value = -1;
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const chosen = offered[at.value];
    if (step) {
      open.value = true;
      at.value = Math.min(Math.max(at.value + step, -1), offered.length - 1);
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen) take(chosen);
    else if (event.key === "Enter") {
      open.value = false;
      store.setQuery(text.value);
      return;
    } else if (event.key === "Escape" && open.value) open.value = false;
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const wrong = store.wrong.value;
  return (
    <>
      <div class="flt" role="search">
        <label class="in">
          <Icon name="i-search" small />
          <span class="fin">
            <input
              ref={input}
              type="text"
              role="combobox"
              aria-label="Filter events"
              aria-expanded={offered.length > 0}
              aria-controls={list}
              aria-autocomplete="list"
              aria-invalid={wrong ? true : false}
              {...(at.value >= 0 ? { "aria-activedescendant": `${list}-${at.value}` } : {})}
              placeholder="point=message and duration>5ms"
              spellcheck={false}
              autocomplete="off"
              value={text.value}
              onInput={(event) => ((text.value = event.currentTarget.value), (open.value = true), (at.value = -1))}
              onFocus={() => (open.value = true)}
              onBlur={() => setTimeout(() => (open.value = false), 150)}
              onKeyDown={onKeyDown}
            />
            {wrong ? <span class="squig" aria-hidden="true">{text.value.slice(0, wrong.at)}<u>{text.value.slice(wrong.at, wrong.at + wrong.length) || "\u00a0"}</u></span> : null}
          </span>
          {text.value ? <button type="button" class="btn ic" aria-label="Clear the filter" onClick={() => ((text.value = ""), store.setQuery(""))}>×</button> : null}
        </label>
        <CopyButton text={() => store.events.value?.pandas ?? `${store.header.value?.spoken ?? "bench"}.trace.dispatches`} label="Copy the filter as pandas">
          <Icon name="i-copy" />
          pandas
        </CopyButton>
      </div>
      <ul class="cpl" id={list} role="listbox" aria-label="Completions" hidden={offered.length === 0}>
        {offered.map((one, i) => (
          <li id={`${list}-${i}`} role="option" aria-selected={i === at.value} class={i === at.value ? "sel" : ""} onPointerDown={(e) => (e.preventDefault(), take(one))}>
            <b class="code">{one.label}</b> <span class="mut fs1">{one.doc}</span>
          </li>
        ))}
      </ul>
      {wrong ? <div class="note bad" role="status">{wrong.text}. The last good view stays.</div> : null}
    </>
  );
}

/** What the completion can offer: all points and hooks of the bench, and the connections in sight. */
function useKnown(): Known {
  const store = useStore();
  const chain = store.edits.chain.value;
  const rows = store.events.value?.rows;
  return useMemo(() => {
    const seen = [...new Set([...(chain?.points.map((p) => p.name) ?? []), ...(rows?.map((r) => r.point) ?? [])])];
    const hooks = [...new Set(chain?.points.flatMap(hooksOf).map((h) => h.name) ?? [])];
    const connections = [...new Set((rows ?? []).flatMap((r) => (r.connection === null ? [] : [r.connection])))].sort((a, b) => a - b);
    return { points: seen, hooks, connections };
  }, [chain, rows]);
}
