/** What the hooks changed, field by field: each step's own difference, or the final fields with who wrote them last. */
import type { ChangeRow, InspectorData } from "../../core/protocol.js";
import { differing, shown } from "../../core/text.js";
import { useKept } from "../context.js";
import { Segments } from "../parts.js";

export interface FieldRow extends ChangeRow {
  /** Hooks that wrote the field before its last writer. */
  over: string[];
}

/** One row per field: first value before, last value after, the last writer, and over whom. */
export function finalFields(changes: readonly ChangeRow[]): FieldRow[] {
  const fields = new Map<string, FieldRow>();
  for (const change of changes) {
    const earlier = fields.get(change.path);
    const over = earlier ? [...earlier.over, earlier.hook] : [];
    fields.set(change.path, { ...change, before: earlier ? earlier.before : change.before, over: over.filter((h, i) => h !== change.hook && over.indexOf(h) === i) });
  }
  return [...fields.values()];
}

export function Changes({ data }: { data: InspectorData }) {
  const view = useKept<"step" | "final">("changes view", "step");
  if (data.changes === null) return <p class="note">{data.why_no_changes ?? "This event has no snapshot."}</p>;
  if (data.changes.length === 0) return <p class="note">No hook changed anything in this event.</p>;
  const rows: FieldRow[] = view.value === "final" ? finalFields(data.changes) : data.changes.map((c) => ({ ...c, over: [] }));
  return (
    <>
      <div class="sub">
        <Segments label="Payload view" value={view.value} options={[["step", "By step"], ["final", "Final, with blame"]] as const} onPick={(v) => (view.value = v)} />
        <span class="sp" />
        <span class="mut fs1 el">values as text, never markup</span>
      </div>
      <table class="df" aria-label={view.value === "final" ? "Fields after this event, with the hook that last wrote each" : "What each hook changed, in the order of the chain"}>
        <colgroup><col class="c-blame" /><col class="c-field" /><col /></colgroup>
        <tbody>
          {rows.map((row, i) => (
            <Field key={`${i}:${row.path}`} row={row} again={view.value === "step" && rows[i - 1]?.hook === row.hook && rows[i - 1]?.position === row.position} />
          ))}
        </tbody>
      </table>
    </>
  );
}

const SIGNS: Record<string, readonly [sign: string, word: string]> = { added: ["+", "added"], removed: ["−", "removed"], changed: ["~", "changed"] };

function Field({ row, again }: { row: FieldRow; again: boolean }) {
  const [sign, word] = SIGNS[row.op] ?? ["~", row.op];
  return (
    <tr class={row.op === "added" ? "new" : "chg"}>
      <td class="bl">
        {again ? null : <span class="el"><i class="mut">{row.position}</i> <b class="hn">{row.hook}</b></span>}
        {row.over.length ? <span>over {row.over.join(", ")}</span> : null}
      </td>
      <td class="fd"><span class="sg" aria-label={word} role="img">{sign}</span>{row.path}</td>
      <td class="vl"><Values before={shown(row.before)} after={shown(row.after)} /></td>
    </tr>
  );
}

function Values({ before, after }: { before: string | null; after: string | null }) {
  if (before === null) return <span class="ins"><mark>{after ?? ""}</mark></span>;
  if (after === null) return <span class="del"><span class="vh">before: </span><s>{before}</s></span>;
  const { head, come, tail } = differing(before, after);
  return (
    <>
      <span class="del"><span class="vh">before: </span><s>{before}</s></span>
      <span class="ins"><span class="vh">after: </span>{head}{come ? <mark>{come}</mark> : null}{tail}</span>
    </>
  );
}
