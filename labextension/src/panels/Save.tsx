/** The bench as a file: its name, what would be left out of it with the line, and what is in the way. */
import { useRef, useState } from "preact/hooks";
import { saveFile } from "../core/saving.js";
import type { Saved } from "../core/saving.js";
import { visible } from "../core/text.js";
import { useStore } from "./context.js";
import { Icon } from "./icons.js";
import { Popover, Python } from "./parts.js";

export function SaveButton() {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button type="button" ref={button} class="btn" aria-expanded={open} title="Save the bench as a file that runs without Jupyter" onClick={() => setOpen(!open)}>
        <Icon name="i-save" />
        Save
      </button>
      {open ? (
        <Popover anchor={() => button.current} class="save" label="Save as a file" onClose={() => setOpen(false)}>
          <SaveForm />
        </Popover>
      ) : null}
    </>
  );
}

function SaveForm() {
  const store = useStore();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState("app.py");
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<Saved | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const save = async (more: { over?: boolean; leave_out?: boolean }) => {
    setBusy(true);
    try {
      const saved = await saveFile(store.channel, file, more);
      setTold(saved);
      setWrong(null);
      store.say(spoken(saved));
    } catch (error) {
      setTold(null);
      setWrong(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
    input.current?.focus(); // the button that was pressed may be gone
  };
  const submit = (event: Event) => {
    event.preventDefault();
    void save({});
  };
  return (
    <form onSubmit={submit}>
      <h4>Save as a file</h4>
      <p class="mut">It holds the chains, the hooks' sources and the settings; <code>workbench serve</code> and any ASGI server run it.</p>
      <div class="row">
        <input ref={input} class="field" aria-label="Name of the file" maxLength={200} value={file} onInput={(event) => { setFile(event.currentTarget.value); setTold(null); }} />
        <button type="submit" class="btn line" disabled={busy}>Save</button>
      </div>
      {wrong === null ? null : <p class="note bad" role="alert">{wrong}</p>}
      {told ? <Outcome told={told} busy={busy} onAgain={(more) => void save(more)} /> : null}
    </form>
  );
}

function spoken(told: Saved): string {
  if (told.written) return `Saved as ${told.path}`;
  return told.exists ? `${told.file} is there already` : `Not saved: ${told.left_out.length + told.more} things cannot be written`;
}

function Outcome({ told, busy, onAgain }: { told: Saved; busy: boolean; onAgain: (more: { over?: boolean; leave_out?: boolean }) => void }) {
  const again = { ...(told.exists ? { over: true } : {}), ...(told.left_out.length ? { leave_out: true } : {}) };
  return (
    <div class="told" role="status">
      {told.written ? <p>Saved as <code>{told.path}</code></p> : null}
      {told.secrets.length ? <Secrets told={told} /> : null}
      {told.left_out.length ? <LeftOut told={told} /> : null}
      {told.exists ? <p><b>{told.file} is there already</b>, and was not written from here or was changed since.</p> : null}
      {told.written ? <Python code={told.python} /> : (
        <button type="button" class="btn line" disabled={busy} onClick={() => onAgain(again)}>{words(told)}</button>
      )}
    </div>
  );
}

function words(told: Saved): string {
  if (told.exists && told.left_out.length) return "Write over it, without these";
  return told.exists ? "Write over it" : "Save without these";
}

/** They are saved all the same: what was text in the notebook is text in the file. */
function Secrets({ told }: { told: Saved }) {
  return (
    <p>
      <b>What looks like a secret {told.written ? "stands" : "would stand"} in it as text:</b>{" "}
      {told.secrets.map((name, at) => <>{at ? ", " : ""}<code>{visible(name)}</code></>)}. Take care who sees the file.
    </p>
  );
}

function LeftOut({ told }: { told: Saved }) {
  return (
    <>
      <p>{told.written ? "Left out, with a remark in its place:" : "Not written, as the file would not do what the bench does:"}</p>
      <ul>
        {told.left_out.map((one) => <li><b>{one.hook}</b>: {one.what} <span class="mut">({one.where})</span></li>)}
        {told.more ? <li>and {told.more} more</li> : null}
      </ul>
    </>
  );
}
