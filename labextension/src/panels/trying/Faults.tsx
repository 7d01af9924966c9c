/** What is made to go wrong on purpose: which kind, where, how often, and what each kind is told besides. */
import { useSignal } from "@preact/signals";
import { useStore } from "../context.js";
import { Awaited } from "../Empty.js";
import { PanelHead } from "../parts.js";
import { Choice, ConnectionField, Field, Form, Line, named, Standing, useLookedUp } from "./form.js";
import { Places } from "./Places.js";

/** How the fields that only some kinds have are called, by the names that Python has for them. */
const OWN: Record<string, Record<string, string>> = {
  delay: { ms: "Delay, ms", spread_ms: "More or less, ms" },
  reorder: { ms: "Wait for the next, ms" },
  close: { code: "Close code", reason: "Close reason" },
  raise: { error: "Error" },
};

export function Faults() {
  const store = useStore();
  const { trying } = store;
  const data = trying.faults.value;
  const look = useLookedUp();
  const picked = useSignal("");
  const kinds = data?.kinds ?? [];
  const kind = kinds.find((one) => one.name === picked.value) ?? kinds[0];
  const armed = data?.armed ?? [];
  return (
    <section class="pn faults" aria-label="Faults" data-panel="faults">
      <PanelHead title="Faults">
        <span class="mut el">{armed.length ? `${armed.length} armed` : data ? "none armed" : ""}</span>
        <span class="sp" />
        {armed.length ? <button type="button" class="btn line" onClick={() => void trying.fault({ do: "disarm" })}>Disarm all</button> : null}
      </PanelHead>
      <div class="body scroll" tabIndex={0} onFocusIn={look}>
        <Awaited view="faults">
          {kind ? (
            <Form label="Arm a fault" button="Arm" send={(fields, beside) => trying.fault({ do: "arm", ...fields }, beside)}>
              <Choice name="kind" label="Kind" value={kind.name} options={named(kinds.map((one) => one.name))} onPick={(name) => (picked.value = name)} />
              <Places anywhere={kind.anywhere} />
              <ConnectionField />
              {Object.entries(kind.own).map(([name, value]) => {
                const label = OWN[kind.name]?.[name] ?? name;
                return typeof value === "number" ? <Field key={`${kind.name} ${name}`} name={name} label={label} number value={value} /> : <Field key={`${kind.name} ${name}`} name={name} label={label} wide value={value} hint={name === "error" ? 'A text, or an exception such as ValueError("bad").' : undefined} />;
              })}
              <Field name="probability" label="Probability, 0 to 1" number value={data?.usual.probability ?? 1} />
              <Field name="seed" label="Seed" number value={data?.usual.seed ?? 0} />
              <Field name="times" label="Times" number placeholder="until disarmed" />
            </Form>
          ) : null}
          {armed.length ? (
            <ul class="trylist">
              {armed.map((fault) => (
                <Standing
                  key={fault.id}
                  says={<><b>{fault.kind}</b> at {fault.where}: acted on {fault.injected} of {fault.considered}</>}
                  python={fault.python}
                  button={`Disarm ${fault.id}`}
                  onRemove={() => void trying.fault({ do: "disarm", fault: fault.id })}
                />
              ))}
            </ul>
          ) : <p class="mut">Nothing goes wrong on purpose. Choose a kind and press Arm; every injected fault is an event in the trace.</p>}
          <Line op="fault" shown={armed.map((one) => one.python)} />
        </Awaited>
      </div>
    </section>
  );
}
