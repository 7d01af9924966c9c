/** Which named chain the panel shows: a service's method, or an event. */
import type { ChainData, ChainChoice } from "../../core/protocol.js";
import { useStore } from "../context.js";

export function Picker({ chain }: { chain: ChainData | null }) {
  const store = useStore();
  const choices = chain?.choices ?? [];
  if (!chain || choices.length === 0) return null;
  return (
    <select
      class="pick"
      aria-label="Chain shown"
      value={chain.chosen ?? ""}
      onChange={(event) => store.edits.choose(event.currentTarget.value)}
    >
      {grouped(choices).map(([group, names]) =>
        group && names.length > 1 ? (
          <optgroup key={group} label={group}>
            {names.map((name) => <option key={name} value={name}>{name}</option>)}
          </optgroup>
        ) : (
          names.map((name) => <option key={name} value={name}>{name}</option>)
        ),
      )}
    </select>
  );
}

function grouped(choices: readonly ChainChoice[]): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const { name, group } of choices) groups.set(group, [...(groups.get(group) ?? []), name]);
  return [...groups];
}
