/** One hook on the rail: grip, number, name, spark, switch, menu, its figures, and "why here?" when asked. */
import { useRef } from "preact/hooks";
import { count, plural } from "../../core/format.js";
import type { ChainPoint, HookCard } from "../../core/protocol.js";
import { CHANGED } from "../../core/text.js";
import { useEditing, useStore } from "../context.js";
import { Icon } from "../icons.js";
import { IconButton, P95 } from "../parts.js";
import type { ChainControl } from "./control.js";
import { startDrag } from "./drag.js";
import { CardMenu } from "./CardMenu.js";
import { scopeWords } from "./places.js";
import { Track } from "./Track.js";

interface CardProps {
  hook: HookCard;
  point: ChainPoint;
  control: ChainControl;
  shut: string | null;
  /** How many around hooks it lies in; undefined outside of onions. */
  depth?: number;
  /** The list that it stands in, where that is not said elsewhere. */
  list?: string;
}

export function Card({ hook, point, control, shut, depth, list }: CardProps) {
  const store = useStore();
  const lifted = control.state.value.lifted;
  const inHand = lifted?.id === hook.id ? (lifted.via === "keys" ? "inhand" : "lifted") : "";
  const picked = store.pickedHook.value === hook.id;
  const off = !hook.enabled;
  const classes = ["card", off ? "is-off" : "", depth === undefined ? "" : "deep", picked ? "sel" : "", inHand, hook.guest ? "guest" : ""].filter(Boolean).join(" ");
  return (
    <li
      class={classes}
      data-hook={hook.id}
      {...(depth === undefined ? {} : { style: { "--depth": String(depth) } })}
      {...(shut ? { "data-shut": shut } : {})}
      onKeyDown={(event) => control.key(event, hook.id, point)}
      onClick={() => (store.pickedHook.value = picked ? null : hook.id)}
    >
      <Grip hook={hook} control={control} />
      <span class={`pos${off ? " off" : ""}`} aria-label={off ? "off" : `position ${hook.position ?? ""}`}>
        {off ? "–" : hook.position}
      </span>
      <div class="what">
        <div class="t">
          <span class="hn el" title={hook.origin?.label ?? hook.name}>{hook.name}</span>
          {off ? <span class="mut nw fs1">off</span> : null}
          {!list && hook.kind !== "call" ? <span class="tag">{hook.kind}</span> : null}
          <span class="sp" />
          {off ? null : <Spark values={hook.spark} />}
        </div>
        {list ? <div class="m"><span class="tag">{list}</span></div> : null}
        <Tags hook={hook} />
        {off ? null : <Figures hook={hook} />}
        {off ? null : <Track point={point} hook={hook.id} />}
        {hook.status ? <div class="st">says <q>{hook.status}</q></div> : null}
        {control.why.value === hook.id ? <Why hook={hook} list={list} control={control} /> : null}
      </div>
      <div class="t" onClick={(event) => event.stopPropagation()}>
        <EditButton hook={hook} control={control} />
        <button
          type="button"
          class="sw"
          role="switch"
          aria-checked={hook.enabled}
          aria-label={hook.name}
          title={`${hook.name}: ${hook.enabled ? "on" : "off"} (D)`}
          disabled={hook.guest || !store.editable.value}
          onClick={() => control.toggle(hook.id)}
        />
        <MenuButton hook={hook} point={point} control={control} />
      </div>
    </li>
  );
}

function Grip({ hook, control }: { hook: HookCard; control: ChainControl }) {
  const lifted = control.state.value.lifted?.id === hook.id;
  const fixed = hook.guest || !hook.movable;
  const label = fixed ? `${hook.name} cannot be moved: its place is given by the system` : `Move ${hook.name}: Space lifts, arrows move`;
  const down = (event: PointerEvent) => {
    const list = (event.currentTarget as Element).closest<HTMLElement>(".cards");
    if (list && !fixed) startDrag(event, hook.id, list, control);
  };
  return (
    <button
      type="button"
      class={`grip${fixed ? " fixed" : ""}`}
      aria-label={label}
      title={label}
      aria-disabled={fixed}
      aria-pressed={lifted}
      onPointerDown={down}
      onClick={(event) => event.stopPropagation()}
    >
      <Icon name={fixed ? "i-lock" : "i-grip"} />
    </button>
  );
}

function EditButton({ hook, control }: { hook: HookCard; control: ChainControl }) {
  const open = useEditing() && control.store.sources.open.value?.hook === hook.id;
  return (
    <button type="button" class="btn ic edit" aria-label={`Edit ${hook.name}`} title={`Edit the source of ${hook.name} (E)`} aria-pressed={open} onClick={() => control.edit(hook.id)}>
      <Icon name="i-edit" />
    </button>
  );
}

function MenuButton({ hook, point, control }: { hook: HookCard; point: ChainPoint; control: ChainControl }) {
  const anchor = useRef<HTMLSpanElement>(null);
  const open = control.menu.value === hook.id;
  return (
    <span ref={anchor}>
      <IconButton icon="i-more" label={`${hook.name}: move, copy, wrap, confine, remove`} expanded={open} onClick={() => (control.menu.value = open ? null : hook.id)} />
      {open ? <CardMenu hook={hook} point={point} control={control} anchor={() => anchor.current?.querySelector("button") ?? null} /> : null}
    </span>
  );
}

type Tag = [text: string, title: string, kind?: "bad"];

/** What is unusual about it, and about how it runs. */
function Tags({ hook }: { hook: HookCard }) {
  const tags = [
    useDraftTag(hook),
    hook.guest ? ["guest", "Given by the resolver for its connection"] : null,
    hook.shadow ? ["shadow", "Runs and is traced, without effect"] : null,
    hook.connections ? [`only ${scopeWords(hook.connections)}`, "Does not run for other connections"] : null,
    hook.effects === "outside" ? ["outside effects", "Drafts of it are never tried on recorded events"] : null,
    hook.effects === "pure" ? ["pure", "Touches nothing but its arguments"] : null,
  ].filter((tag): tag is Tag => tag !== null);
  if (!tags.length) return null;
  return <div class="m">{tags.map(([text, title, kind]) => <span key={text} class={kind ? `tag ${kind}` : "tag"} title={title}>{text}</span>)}</div>;
}

function useDraftTag(hook: HookCard): Tag | null {
  const { sources } = useStore();
  const draft = sources.standing(hook);
  if (!draft) return null;
  if (draft.version !== hook.version && sources.busy.value === null)
    return [`draft of v${draft.version}`, `Written in the editor from version ${draft.version} and not applied; version ${hook.version} came meanwhile, and runs`];
  return [draft.text, `Written in the editor and not applied; version ${hook.version} runs`, ...(draft.text === "draft" ? [] : ["bad" as const])] as Tag;
}

function Figures({ hook }: { hook: HookCard }) {
  const recent = Math.min(hook.calls, useStore().header.value?.recent ?? hook.calls);
  return (
    <div class="m">
      <span>{plural(hook.calls, "call")}</span>
      {hook.calls ? <P95 ns={hook.p95_ns} of={recent === 1 ? "its one call" : `its newest ${recent} calls`} /> : null}
      {hook.errors ? <span class="errc"><Icon name="o-raised" as="" />{count(hook.errors)} raised</span> : null}
      {hook.changed ? <span class="chc" title={`${plural(hook.changed, "call")} changed something. ${CHANGED}`}><Icon name="o-changed" as="" />{count(hook.changed)}</span> : null}
      {hook.stopped ? <span class="stc" title={plural(hook.stopped, "call") + " at which the event ended"}><Icon name="o-stopped" as="" />{count(hook.stopped)}</span> : null}
      {hook.pending ? <span class="pec" title={`${count(hook.pending)} still running`}><Icon name="o-pending" as="" />{count(hook.pending)}</span> : null}
      {hook.version > 1 ? <span>v{hook.version}</span> : null}
    </div>
  );
}

/** The last latencies or counts as a line; decoration, its figures stand beside it. */
export function Spark({ values }: { values: readonly number[] }) {
  if (values.length < 2 || values.every((v) => v === 0)) return null;
  const most = Math.max(...values, 1e-9);
  const points = values.map((v, i) => `${((i / (values.length - 1)) * 44).toFixed(1)},${(12.5 - (v / most) * 11).toFixed(1)}`).join(" ");
  return (
    <svg class="spark" viewBox="0 0 44 14" aria-hidden="true">
      <polyline points={points} />
    </svg>
  );
}

/** Why a hook stands where it does; where a point has several lists, its place counts within one. */
export function reasonOf(why: string | null | undefined, list: string | null | undefined): string {
  const reason = why ?? "The bench gave no reason for this place.";
  return list && why ? `In ${list}: ${reason}` : reason;
}

function Why({ hook, list, control }: { hook: HookCard; list: string | null | undefined; control: ChainControl }) {
  return (
    <div class="whybox" role="note">
      <h4>Why here?</h4>
      <p>{reasonOf(hook.why, list)}</p>
      {hook.origin?.label ? <p>From {hook.origin.label}.</p> : null}
      <button type="button" class="lnk" onClick={(event) => { event.stopPropagation(); control.why.value = null; control.focusOn(hook.id); }}>
        Close
      </button>
    </div>
  );
}
