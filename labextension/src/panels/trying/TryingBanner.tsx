/** Says above all panels that something is armed or held. */
import { useStore } from "../context.js";
import { Icon } from "../icons.js";

/** Stays while anything is armed or held. */
export function TryingBanner() {
  const { trying } = useStore();
  const armed = trying.faults.value?.armed ?? [];
  const held = trying.breakpoints.value?.waiting ?? 0;
  if (!armed.length && !held) return null;
  return (
    <div class="ban amber" role="status">
      <Icon name="s-warn" as="" />
      <span>
        {armed.length ? <><b>{armed.length === 1 ? "A fault is armed." : `${armed.length} faults are armed.`}</b> {armed.map((fault) => `${fault.kind} at ${fault.where}`).join("; ")}. </> : null}
        {held ? <><b>{held === 1 ? "An event is held." : `${held} events are held.`}</b> </> : null}
      </span>
      <span class="sp" />
      {armed.length ? <button type="button" class="btn line" onClick={() => void trying.fault({ do: "disarm" })}>Disarm</button> : null}
    </div>
  );
}
