/** Panels that share one place, as tabs. A panel that belongs here is one line in `SIDES`. */
import type { ComponentType } from "preact";
import { useContext } from "preact/hooks";
import { ShowContext, useKept, useStore } from "./context.js";
import { Awaited } from "./Empty.js";
import { Lints } from "./Lints.js";
import { Stats } from "./Stats.js";

export interface SidePanel {
  name: "stats" | "lints";
  label: string;
  Body: ComponentType;
}

export const SIDES: readonly SidePanel[] = [
  { name: "stats", label: "Stats", Body: Stats },
  { name: "lints", label: "Lints", Body: Lints },
];

export function Side({ only }: { only?: SidePanel["name"] }) {
  const store = useStore();
  const show = useContext(ShowContext);
  const tab = useKept<string>("side", "stats");
  const shown = SIDES.find((s) => s.name === (only ?? tab.value)) ?? SIDES[0]!;
  const lints = store.insights.lints.value?.lints.length ?? 0;
  const label = only ? shown.label : "Stats and lints";
  return (
    <section class={`pn side ${shown.name}`} aria-label={label} data-panel={only ?? "side"}>
      <div class="ph">
        {only ? <h3>{shown.label}</h3> : (
          <div class="tabs" role="tablist" aria-label="Figures and lints">
            {SIDES.map(({ name, label }) => (
              <button type="button" role="tab" aria-selected={tab.value === name} onClick={() => show(name)} data-tab={name}>
                {label}
                {name === "lints" && lints ? <span class="cnt warn">{lints}</span> : null}
              </button>
            ))}
          </div>
        )}
      </div>
      <div class="sidebody" {...(only ? {} : { role: "tabpanel", "aria-label": shown.label })}><Awaited view={shown.name}><shown.Body /></Awaited></div>
    </section>
  );
}
