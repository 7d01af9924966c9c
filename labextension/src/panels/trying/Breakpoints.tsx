/** Where events are held, and what is held there, to look at, change and let go. Payloads stay text. */
import { useSignal } from "@preact/signals";
import type { HeldEvent } from "../../core/protocol.js";
import type { PlaceData } from "../../core/trying-data.js";
import { useStore } from "../context.js";
import { Icon } from "../icons.js";
import { Awaited } from "../Empty.js";
import { PanelHead } from "../parts.js";
import { Choice, ConnectionField, Field, Form, Line, named, Standing, useLookedUp, type Fields } from "./form.js";
import { Places, usual } from "./Places.js";

export function Breakpoints() {
  const store = useStore();
  const { trying } = store;
  const data = trying.breakpoints.value;
  const look = useLookedUp();
  const picked = useSignal<PlaceData | null>(null);
  const place = picked.value ?? usual(trying.places.value);
  const points = data?.points ?? [];
  const held = data?.held ?? [];
  return (
    <section class="pn breakpoints" aria-label="Breakpoints" data-panel="breakpoints">
      <PanelHead title="Breakpoints">
        <span class="mut el">{data?.waiting ? `${data.waiting} held` : data ? "nothing held" : ""}</span>
        <span class="sp" />
        {points.length > 1 ? <button type="button" class="btn line" onClick={() => void trying.breakpoint({ do: "clear" })}>Clear all</button> : null}
      </PanelHead>
      <div class="body scroll" tabIndex={0} onFocusIn={look}>
        <Awaited view="breakpoints">
          <Form label="Set a breakpoint" button="Set" send={(fields, beside) => trying.breakpoint({ do: "set", ...fields }, beside)}>
            <Choice name="when" label="Hold" options={named(["before", "after"])} />
            <Places anywhere={null} onPoint={(at) => (picked.value = at)} />
            <ConnectionField />
            <Field name="condition" label="Condition" wide code placeholder="every event" hint={place?.parameters.length ? `A Python expression over ${place.parameters.join(", ")}.` : undefined} />
          </Form>
          {points.length ? (
            <ul class="trylist">
              {points.map((point) => (
                <Standing key={point.id} says={`${point.where}: held ${point.hits} so far`} python={point.python} button={`Clear ${point.id}`} onRemove={() => void trying.breakpoint({ do: "clear", breakpoint: point.id })} />
              ))}
            </ul>
          ) : <p class="mut">No event is held. Set a breakpoint, then send something: the event waits here until you let it go on.</p>}
          {held.map((event) => <Held key={event.id} event={event} />)}
          <Line op="breakpoint" shown={points.map((one) => one.python)} />
        </Awaited>
      </div>
    </section>
  );
}

function Held({ event }: { event: HeldEvent }) {
  const { trying } = useStore();
  const payload = useSignal(event.payload);
  const result = useSignal(event.result ?? "");
  const resume = () => {
    const changed: Fields = {};
    if (event.editable && payload.value !== event.payload) changed["payload"] = payload.value;
    if (event.result !== null && result.value !== event.result) changed["result"] = result.value;
    void trying.breakpoint({ do: "resume", held: event.id, ...changed });
  };
  const name = `event ${event.dispatch ?? event.id}`;
  return (
    <article class="held" aria-label={`Held ${name}`}>
      <p><Icon name="o-pending" as="" /> <b>{name}</b>{event.connection === null ? "" : ` of c${event.connection}${event.left ? ", which has left" : ""}`}, held {event.where}</p>
      <label class="vh" for={`held-${event.id}`}>What {name} carries, as JSON</label>
      <textarea id={`held-${event.id}`} class="field code" rows={5} spellcheck={false} readOnly={!event.editable} value={payload.value} onInput={(e) => (payload.value = e.currentTarget.value)} />
      {event.editable ? null : <p class="mut">Too long to edit here; change it in Python.</p>}
      {event.result === null ? null : <label>Result <input class="field code" value={result.value} onInput={(e) => (result.value = e.currentTarget.value)} /></label>}
      <div class="trybtns">
        <button type="button" class="btn pri" onClick={resume}>Continue</button>
        <button type="button" class="btn line" onClick={() => void trying.breakpoint({ do: "drop", held: event.id })}>Drop</button>
        <button type="button" class="btn line" onClick={() => void trying.breakpoint({ do: "raise", held: event.id })}>Raise</button>
      </div>
    </article>
  );
}
