/** The palette: ready-made hooks and functions of the notebook, searched by name. Enter attaches. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Palette, PaletteHook } from "../../core/chain-data.js";
import { useStore } from "../context.js";
import { Popover } from "../parts.js";

/** What can be attached: the notebook's own functions first, then ready-made ones, then what stands there already; last what does not fit, with its reason. */
export function choices(palette: Palette, point: string | null): PaletteHook[] {
  const rank = (h: PaletteHook) => Number(!h.fits) * 4 + Number(h.attached) * 2 + Number(h.source === "ready");
  return palette.hooks.filter((h) => !point || h.point === point).sort((a, b) => rank(a) - rank(b));
}

export function matching(all: readonly PaletteHook[], query: string): PaletteHook[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const hay = (c: PaletteHook) => `${c.name} ${c.point} ${c.doc}`.toLowerCase();
  const hits = all.filter((c) => words.every((w) => hay(c).includes(w)));
  const first = words[0];
  return first ? [...hits].sort((a, b) => Number(b.name.toLowerCase().startsWith(first)) - Number(a.name.toLowerCase().startsWith(first))) : hits;
}

export function PaletteBox({ anchor }: { anchor: () => Element | null }) {
  const store = useStore();
  const point = store.palette.value?.point ?? null;
  const all = useSignal<PaletteHook[] | string | null>(null);
  const query = useSignal("");
  const at = useSignal(0);
  useEffect(() => {
    store.edits.palette(point).then(
      (palette) => (all.value = choices(palette, point)),
      (error: unknown) => (all.value = error instanceof Error ? error.message : String(error)),
    );
  }, [point]);
  const close = () => (store.palette.value = null);
  const found = Array.isArray(all.value) ? matching(all.value, query.value) : [];
  const attach = (choice: PaletteHook | undefined) => {
    if (!choice?.fits) return;
    close();
    void store.edits.attach(choice);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") at.value = Math.min(at.value + 1, found.length - 1);
    else if (event.key === "ArrowUp") at.value = Math.max(at.value - 1, 0);
    else if (event.key === "Enter") attach(found[at.value]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Popover anchor={anchor} class="palette" label="Add a hook" onClose={close}>
      <input
        class="field"
        role="combobox"
        aria-expanded="true"
        aria-controls="wb-palette"
        aria-activedescendant={found.length ? `wb-choice-${at.value}` : undefined}
        aria-label={point ? `Find a hook for ${point}` : "Find a hook"}
        placeholder={point ? `hook for ${point}` : "name, point or what it does"}
        value={query.value}
        onInput={(event) => {
          query.value = event.currentTarget.value;
          at.value = 0;
        }}
        onKeyDown={onKeyDown}
      />
      <ul id="wb-palette" role="listbox" aria-label="Hooks">
        {found.map((choice, index) => (
          <li key={`${choice.source}:${choice.name}@${choice.point}`} id={`wb-choice-${index}`} role="option" aria-selected={index === at.value} aria-disabled={!choice.fits} class={index === at.value ? "sel" : ""} onPointerMove={() => (at.value = index)} onClick={() => attach(choice)}>
            <span><span class="hn">{choice.name}</span> <span class="mut fs1">at {choice.point}{choice.source === "notebook" ? ", in this notebook" : ""}{choice.attached ? ", attached" : ""}</span></span>
            <span class="mut fs1 el">{choice.fits ? choice.doc : choice.reason}</span>
          </li>
        ))}
      </ul>
      <p class="mut fs1 pnote">{noteOf(all.value, found.length)}</p>
    </Popover>
  );
}

function noteOf(all: PaletteHook[] | string | null, found: number): string {
  if (all === null) return "looking…";
  if (typeof all === "string") return all;
  return found ? "Enter attaches at the end of its lane." : "Nothing of that name. A function defined in a cell appears here at once.";
}
