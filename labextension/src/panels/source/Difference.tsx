/** Two texts as one list of lines: a sign, a word for who cannot see it, and a colour for who can. */
import { useEffect, useRef } from "preact/hooks";
import { plural } from "../../core/format.js";
import { folded } from "../../core/lines.js";
import { visible } from "../../core/text.js";
import { useStore } from "../context.js";
import { IconButton } from "../parts.js";

const WORDS = { "+": "added: ", "-": "removed: ", " ": "" } as const;
const CLASSES = { "+": "come", "-": "gone", " ": "" } as const;

export function DifferenceView() {
  const { sources } = useStore();
  const shown = sources.difference.value;
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.scrollIntoView({ block: "nearest" }), [shown]);
  if (!shown) return null;
  return (
    <section ref={section} class="dif" aria-label={shown.title}>
      <div class="difh"><h4>{shown.title}</h4><span class="sp" /><IconButton icon="i-x" label="Close the differences" onClick={() => (sources.difference.value = null)} /></div>
      <pre>
        {folded(shown.lines).map((line) =>
          typeof line === "number" ? <div class="mut">{plural(line, "line")} unchanged</div> : (
            <div class={CLASSES[line.kind]}><span class="sg" aria-hidden="true">{line.kind}</span><span class="vh">{WORDS[line.kind]}</span>{visible(line.text)}</div>
          ),
        )}
      </pre>
    </section>
  );
}
