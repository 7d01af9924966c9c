/** All versions of a hook, from cells and from the editor: what they changed, and the way back to each. */
import { useEffect, useRef } from "preact/hooks";
import { plural } from "../../core/format.js";
import { placeOf, type SourceData } from "../../core/source-data.js";
import { useStore } from "../context.js";

export function Versions({ data, onDone }: { data: SourceData; onDone: () => void }) {
  const store = useStore();
  const { sources } = store;
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.scrollIntoView({ block: "nearest" }), []);
  const off = !store.editable.value || sources.busy.value !== null || !data.editable;
  return (
    <section ref={section} aria-label="Versions">
      <h4>Versions</h4>
      <ol class="vers" reversed>
        {[...data.versions].reverse().map(({ version, author, time, where, current, calls }) => (
          <li key={version} {...(current ? { "aria-current": "true" } : {})}>
            <span><b>v{version}</b>{current ? <> <span class="tag">current</span></> : null} <span class="mut">{placeOf(where, data.name) ? `${where}, ` : ""}{author}, {time}, {plural(calls, "call")}</span></span>
            <span class="sp" />
            {current ? null : (
              <>
                <button type="button" class="btn line" aria-label={`Show differences of version ${version} to the current one`} onClick={() => void sources.compare(version)}>Show differences</button>
                <button type="button" class="btn line" aria-label={`Make version ${version} current`} disabled={off} onClick={() => void sources.back(version).then(onDone)}>Make current</button>
              </>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
