/** Panels that share one place, as tabs. A panel that belongs here is one line in `SIDES`. */
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useStore } from "./context.js";
import { Lints } from "./Lints.js";
import { Stats } from "./Stats.js";

export interface SidePanel {
  name: string;
  label: string;
  Body: ComponentType;
}

export const SIDES: readonly SidePanel[] = [
  { name: "stats", label: "Stats", Body: Stats },
  { name: "lints", label: "Lints", Body: Lints },
];

export function Side({ only }: { only?: string }) {
  const store = useStore();
  const tab = useSignal(only ?? SIDES[0]!.name);
  const shown = SIDES.find((s) => s.name === tab.value) ?? SIDES[0]!;
  const lints = store.insights.lints.value?.lints.length ?? 0;
  const label = only ? shown.label : "Stats and lints";
  return (
    <section class={`pn side ${shown.name}`} aria-label={label} data-panel={only ?? "side"}>
      <div class="ph">
        {only ? <h3>{shown.label}</h3> : (
          <div class="tabs" role="tablist" aria-label="Figures and lints">
            {SIDES.map(({ name, label }) => (
              <button type="button" role="tab" aria-selected={tab.value === name} onClick={() => (tab.value = name)} data-tab={name}>
                {label}
                {name === "lints" && lints ? <span class="cnt warn">{lints}</span> : null}
              </button>
            ))}
          </div>
        )}
      </div>
      <div class="sidebody" {...(only ? {} : { role: "tabpanel", "aria-label": shown.label })}><shown.Body /></div>
    </section>
  );
}
