/** The list of keys, behind the question mark. */
import { useRef, useState } from "preact/hooks";
import { Popover } from "./parts.js";

const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [["/"], "add a hook"],
  [["J", "K"], "older, newer event"],
  [["Space"], "lift the hook on its grip; again to drop"],
  [["↑", "↓"], "move the lifted hook; else the next grip"],
  [["Esc"], "put the hook back; else leave the bench"],
  [["Alt+↑", "Alt+↓"], "move the hook at once"],
  [["D"], "enable or disable the hook"],
  [["E"], "edit the hook's source"],
  [["Ctrl/⌘ Enter"], "in the source editor: apply"],
  [["Del"], "remove the hook (undo brings it back)"],
  [["Ctrl/⌘ Z"], "undo; with Shift redo"],
  [["P"], "pause the view, or let it run"],
  [["g", "c e i t s k h"], "go to chain, events, inspector, timeline, stats, console, history"],
  [["1", "2", "3", "4"], "in the timeline: time, by hook, merged, this event"],
  [["T"], "in the timeline: the same as a table"],
  [["←", "→"], "in the timeline: walk; with Shift brush, Enter filters"],
];

export function Keys() {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button type="button" class="btn" ref={button} aria-label="Keys" aria-expanded={open} title="Keys" onClick={() => setOpen(!open)}>
        ?
      </button>
      {open ? (
        <Popover anchor={() => button.current} label="Keys" onClose={() => setOpen(false)}>
          <h4>Keys</h4>
          <dl class="keys">
            {KEYS.map(([keys, does]) => (
              <div>
                <dt>{keys.map((k) => <kbd>{k}</kbd>)}</dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </Popover>
      ) : null}
    </>
  );
}
