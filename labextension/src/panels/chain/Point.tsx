/** A hook point: folded it names its chain, open it is the rail with its lanes and cards. */
import { count } from "../../core/format.js";
import type { ChainPoint, HookCard, LaneData } from "../../core/protocol.js";
import { preview } from "../../core/reorder.js";
import { findHook, hooksOf } from "../../core/chain-ops.js";
import { useStore, useView } from "../context.js";
import { Icon } from "../icons.js";
import { Card } from "./Card.js";
import type { ChainControl } from "./control.js";
import { useKeptFocus } from "./keepFocus.js";
import { Onion } from "./Onion.js";
import { Answered, Joined } from "./Track.js";

interface PointProps {
  point: ChainPoint;
  control: ChainControl;
  open: boolean;
  onToggle: () => void;
}

export function PointView({ point, control, open, onToggle }: PointProps) {
  const hooks = hooksOf(point);
  const shut = useShut(point, control);
  return (
    <div class={`pt${open ? " open" : ""}${shut ? " shut" : ""}`} data-point={point.name} {...(shut ? { "data-shut": shut } : {})}>
      <h4 class="pth">
        <button type="button" class="btn pfold" aria-expanded={open} title={open ? `Hide ${point.title}` : `Show ${point.title}`} onClick={onToggle}>
          <Icon name={open ? "i-down" : "i-right"} small />
          <span class="pn-name">{point.title}</span>
          {open ? null : <Names hooks={hooks} />}
        </button>
        {point.name !== point.title ? <span class="tag">{point.name.slice(0, -point.title.length - 1)}</span> : null}
        <span class="mut nw fs1">{point.count ? count(point.count) : "never ran"}</span>
      </h4>
      {open ? <div class="pol">{point.policy}</div> : null}
      {open && hooks.length ? <Body point={point} control={control} /> : null}
      {open && !hooks.length ? <NoHooks point={point} /> : null}
    </div>
  );
}

function Body({ point, control }: { point: ChainPoint; control: ChainControl }) {
  if (point.shape === "onion") return <Onion point={point} control={control} />;
  const fan = point.shape === "gather" || point.shape === "spawn";
  return (
    <>
      <Cards point={point} control={control} />
      {fan ? <Joined point={point} /> : point.core ? <p class="joined core-line mut fs1">{point.core}<Answered example={point.example} /></p> : null}
    </>
  );
}

/** While a card of another point is in the hand: why it cannot be dropped here. */
function useShut(point: ChainPoint, control: ChainControl): string | null {
  const store = useStore();
  const lifted = control.state.value.lifted;
  if (!lifted || hooksOf(point).some((h) => h.id === lifted.id)) return null;
  const link = store.link.value;
  const called = (name: string | undefined) => (link.phase === "open" ? link.bench.points.find((p) => p.name === name)?.parameters.join(", ") : undefined);
  const [here, there] = [called(point.name), called(findHook(store.edits.chain.value, lifted.id)?.point.name)];
  return here === undefined || here === there ? `${point.title} is another hook point; a hook stays at its own` : `${point.title} calls its hooks with (${here})`;
}

function Names({ hooks }: { hooks: readonly HookCard[] }) {
  return (
    <span class="in el">
      {hooks.map((h, i) => (
        <>
          {i ? <span class="mut"> › </span> : null}
          <span class={h.enabled ? "" : "offname"}>{h.name}</span>
        </>
      ))}
    </span>
  );
}

function Cards({ point, control }: { point: ChainPoint; control: ChainControl }) {
  useKeptFocus(control.list);
  const lanes = point.lanes.filter((lane) => lane.hooks.length);
  const labelled = lanes.length > 1 || lanes.some((lane) => lane.hooks.some((h) => h.guest));
  const lifted = control.state.value.lifted;
  const dragging = lifted?.via === "pointer" && hooksOf(point).some((h) => h.id === lifted.id);
  return (
    <ol class={`cards ${point.shape ?? "fold"}${dragging ? " dragging" : ""}`} aria-label={`Hooks at ${point.title}, in the order they run`}>
      {lanes.map((lane) => (
        <>
          {labelled ? (
            <li key={`lane:${lane.name}`} class="layer">
              {lane.label}
            </li>
          ) : null}
          {ordered(lane, control).map((hook) => (
            <Card key={hook.id} hook={hook} point={point} control={control} shut={lane.shut ?? (hook.guest ? "guests stand where their resolver gave them" : null)} />
          ))}
        </>
      ))}
    </ol>
  );
}

/** With a card lifted by keys, the order that a drop would make. */
function ordered(lane: LaneData, control: ChainControl): readonly HookCard[] {
  const lifted = control.state.value.lifted;
  if (!lifted || lifted.via !== "keys" || !lane.hooks.some((h) => h.id === lifted.id)) return lane.hooks;
  const places = preview(lifted);
  const fixed = lane.hooks.filter((h) => !places.includes(h.id));
  return [...places.flatMap((id) => lane.hooks.filter((h) => h.id === id)), ...fixed];
}

function NoHooks({ point }: { point: ChainPoint }) {
  const store = useStore();
  const view = useView();
  return (
    <button type="button" class="add" disabled={!store.editable.value} onClick={() => (store.palette.value = { point: point.name, view })}>
      <Icon name="i-plus" />
      Add a hook at {point.title}
    </button>
  );
}
