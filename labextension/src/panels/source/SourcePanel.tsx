/** The source of one hook, open beside its card: edit, try, apply; on any failure what runs goes on running. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { placeOf, type SourceData } from "../../core/source-data.js";
import { visible } from "../../core/text.js";
import { useStore } from "../context.js";
import { Icon } from "../icons.js";
import { IconButton, PanelHead } from "../parts.js";
import { CodeArea, type Reach } from "./CodeArea.js";
import { DifferenceView } from "./Difference.js";
import { hasDetails, Results, SaidLine } from "./Results.js";
import { Versions } from "./Versions.js";

export function SourcePanel() {
  const store = useStore();
  const { sources } = store;
  const data = sources.data.value;
  const versions = useSignal(false);
  const reach: Reach = useRef(null);
  const panel = useRef<HTMLElement>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  const hint = useId();
  const opened = sources.open.value;
  useEffect(() => {
    panel.current?.scrollIntoView({ block: "nearest" });
    reach.current?.focus();
  }, [opened]);
  const close = () => {
    const { hook } = sources.open.value ?? {};
    const bench = panel.current?.closest<HTMLElement>(".wb");
    sources.close();
    if (hook) queueMicrotask(() => bench?.querySelector<HTMLElement>(`[data-hook="${CSS.escape(hook)}"] .edit`)?.focus());
  };
  return (
    <section ref={panel} class="pn source" aria-label={data ? `Source of ${data.name}` : "Source"} data-panel="source" onKeyDown={(event) => sourceKeys(event, () => void sources.apply())}>
      <PanelHead title={data?.name ?? "Source"}>
        {data ? <Standing data={data} /> : null}
        <span class="sp" />
        {data && sources.draft.value ? <button type="button" class="btn" title={`Show what the draft changes of version ${data.version}`} onClick={() => sources.compareDraft()}>Diff</button> : null}
        {data ? <button type="button" ref={toggle} class="btn" aria-expanded={versions.value} onClick={() => (versions.value = !versions.value)}>Versions</button> : null}
        <IconButton icon="i-x" label="Close the editor; a draft is kept" onClick={close} />
      </PanelHead>
      {data ? <Notices data={data} reach={reach} /> : null}
      {data ? <CodeArea key={data.hook} data={data} reach={reach} hint={hint} /> : <p class="note" role="status">{sources.gone.value ? "This hook is no longer there." : "Asking the bench for the source…"}</p>}
      {data ? <Foot data={data} hint={hint} /> : null}
      {sources.unkept.value && !sources.rival.value ? <p class="note" role="status">Only this page has the draft: {visible(sources.unkept.value)}. Loading the page anew would lose it.</p> : null}
      <SaidLine />
      {data && (versions.value || sources.difference.value || hasDetails(sources.said.value)) ? (
        <div class="body scroll found" tabIndex={0} role="region" aria-label="Results, differences and versions">
          <Results data={data} onLine={(line, column) => reach.current?.go(line, column)} />
          <DifferenceView />
          {versions.value ? <Versions data={data} onDone={() => toggle.current?.focus()} /> : null}
        </div>
      ) : null}
    </section>
  );
}

/** Apply by Ctrl/Cmd with Enter or S, wherever in the panel; the notebook does not save meanwhile. */
export function sourceKeys(event: KeyboardEvent, apply: () => void): void {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || (event.key !== "Enter" && event.key.toLowerCase() !== "s")) return;
  event.preventDefault();
  event.stopPropagation();
  apply();
}

function Standing({ data }: { data: SourceData }) {
  const draft = useStore().sources.draft.value;
  const place = placeOf(data.file, data.name) ?? data.versions.find((one) => one.current)?.author ?? data.point;
  return (
    <>
      <span class="tag">{draft ? `draft of v${draft.version}` : `v${data.version}`}</span>
      <span class="mut fs1 el" title={`at ${data.point}, from ${place}`}>from {place}</span>
    </>
  );
}

function Notices({ data, reach }: { data: SourceData; reach: Reach }) {
  const { sources } = useStore();
  const newer = data.versions.find((one) => one.current);
  if (sources.gone.value)
    return <div class="ban amber" role="status"><Icon name="s-warn" as="" /><span><b>{data.name} was removed.</b> Undo brings it back; the draft is kept.</span></div>;
  if (!data.editable)
    return <div class="ban" role="note"><Icon name="i-lock" as="" /><span><b>Read only.</b> {data.why}</span></div>;
  const focus = () => reach.current?.focus();
  if (sources.rival.value)
    return (
      <Choice focus={focus} compare={() => sources.compareRival()} mine={() => sources.choose(true)} other={() => sources.choose(false)} otherText="Take the other one">
        <b>Another page has a draft of this hook too.</b> Yours is only in this page until you choose.
      </Choice>
    );
  if (sources.overtaken.value === null) return null;
  return (
    <Choice focus={focus} compare={() => sources.compareDraft()} mine={() => sources.keep()} other={() => sources.revert()} otherText={`Take version ${data.version}`}>
      <b>Version {data.version} came meanwhile{newer ? `, from ${placeOf(newer.where, data.name) ?? newer.author}` : ""}.</b> Your draft began from version {sources.draft.value?.version}.
    </Choice>
  );
}

interface ChoiceProps {
  focus: () => void;
  compare: () => void;
  mine: () => void;
  other: () => void;
  otherText: string;
  children: ComponentChildren;
}

/** A draft and something else that came: both can be seen, and one is chosen. */
function Choice({ focus, compare, mine, other, otherText, children }: ChoiceProps) {
  const choose = (act: () => void) => () => {
    act();
    focus(); // the buttons go, with the focus that one of them has
  };
  return (
    <div class="ban amber" role="alert">
      <Icon name="s-warn" as="" />
      <div>
        {children}
        <div class="choice">
          <button type="button" class="btn line" onClick={compare}>Show differences</button>
          <button type="button" class="btn line" onClick={choose(mine)}>Keep my draft</button>
          <button type="button" class="btn line" onClick={choose(other)}>{otherText}</button>
        </div>
      </div>
    </div>
  );
}

function Foot({ data, hint }: { data: SourceData; hint: string }) {
  const store = useStore();
  const { sources } = store;
  const off = !store.editable.value || sources.busy.value !== null || sources.gone.value;
  const nothing = sources.draft.value === null;
  return (
    <>
      {data.editable ? (
        <div class="pf">
          <Act primary off={off || nothing} onClick={() => void sources.apply()}>Apply <kbd>Ctrl Enter</kbd></Act>
          {sources.onlyTrialFailed.value ? <Act off={off || nothing} onClick={() => void sources.applyAnyway()}>Apply anyway</Act> : null}
          <Act off={off} onClick={() => void sources.check()}>Try</Act>
          <Act off={nothing} onClick={() => sources.revert()}>Revert draft</Act>
        </div>
      ) : null}
      <p class="note" id={hint}>{data.editable ? hintOf(data) : ""} Tab indents; Escape, then Tab, leaves the text.</p>
    </>
  );
}

const hintOf = ({ trial }: SourceData) => (trial ? `A draft is not tried here: ${trial}` : "Apply checks it, tries it on copies of recorded events, and swaps it between two events.");

/** A button that keeps the focus while it can do nothing: being disabled would take it away. */
function Act({ primary, off, onClick, children }: { primary?: boolean; off: boolean; onClick: () => void; children: ComponentChildren }) {
  return <button type="button" class={`btn ${primary ? "pri" : "line"}`} aria-disabled={off} onClick={() => off || onClick()}>{children}</button>;
}
