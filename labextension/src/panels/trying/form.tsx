/** The forms in which faults, breakpoints and traffic are asked for; what is refused is said beside the field it is about. */
import { useSignal, type Signal } from "@preact/signals";
import { createContext, type ComponentChildren, type JSX } from "preact";
import { useContext, useEffect, useId, useRef } from "preact/hooks";
import type { Beside } from "../../core/trying.js";
import { useStore } from "../context.js";
import { CopyButton, Python } from "../parts.js";

export type Fields = Record<string, unknown>;

type Element = HTMLInputElement | HTMLSelectElement;

interface Wrong {
  field: string;
  says: string;
}

const WrongContext = createContext<Signal<Wrong | null> | null>(null);

const elementsOf = (form: HTMLFormElement): Element[] => [...form.elements].filter((one): one is Element => (one instanceof HTMLInputElement || one instanceof HTMLSelectElement) && one.name !== "");

/** What a form says: numbers as numbers, nothing for what was left empty. */
export function fieldsOf(form: HTMLFormElement): Fields {
  const said = elementsOf(form).filter((one) => one.value !== "");
  return Object.fromEntries(said.map((one) => [one.name, one.type === "number" ? Number(one.value) : one.value]));
}

interface FormProps {
  label: string;
  button: string;
  disabled?: boolean;
  /** Sends what the form says. */
  send: (fields: Fields, beside: Beside) => unknown;
  children: ComponentChildren;
}

export function Form({ label, button, disabled, send, children }: FormProps) {
  const store = useStore();
  const form = useRef<HTMLFormElement>(null);
  const wrong = useSignal<Wrong | null>(null);
  const beside: Beside = (field, says) => {
    const element = form.current && elementsOf(form.current).find((one) => one.name === field);
    if (!element) return false;
    wrong.value = { field, says };
    element.focus();
    return true;
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (!form.current) return;
    wrong.value = null;
    const unread = elementsOf(form.current).find((one) => one.validity.badInput);
    if (unread) {
      beside(unread.name, "A number is expected here.");
      store.say("Not done: a number is expected.");
    } else void send(fieldsOf(form.current), beside);
  };
  const clear = (event: Event) => {
    if ((event.target as Element).name === wrong.value?.field) wrong.value = null;
  };
  return (
    <WrongContext.Provider value={wrong}>
      <form ref={form} class="try" aria-label={label} noValidate onSubmit={submit} onInput={clear}>
        {children}
        <span class="go"><button type="submit" class="btn pri" disabled={(disabled ?? false) || !store.editable.value}>{button}</button></span>
      </form>
    </WrongContext.Provider>
  );
}

interface Told {
  id: string;
  "aria-invalid"?: "true";
  "aria-describedby"?: string;
}

interface LabelledProps {
  name: string;
  label: string;
  /** Takes the room of two. */
  wide?: boolean;
  hint?: string | undefined;
  children: (told: Told) => JSX.Element;
}

function Labelled({ name, label, wide, hint, children }: LabelledProps) {
  const id = useId();
  const wrong = useContext(WrongContext)?.value ?? null;
  const says = wrong?.field === name ? wrong.says : "";
  const about = says || hint ? { "aria-describedby": `${id}-says` } : {};
  return (
    <div class={wide ? "fld wide" : "fld"}>
      <label for={id}>{label}</label>
      {children({ id, ...about, ...(says ? { "aria-invalid": "true" as const } : {}) })}
      {says || hint ? <span id={`${id}-says`} class={says ? "says bad" : "says"}>{says || hint}</span> : null}
    </div>
  );
}

interface FieldProps {
  name: string;
  label: string;
  number?: boolean;
  value?: string | number;
  placeholder?: string | undefined;
  wide?: boolean;
  code?: boolean;
  hint?: string | undefined;
  list?: string;
}

export function Field({ number, value, placeholder, code, list, ...labelled }: FieldProps) {
  return (
    <Labelled {...labelled}>
      {(told) => (
        <input
          {...told}
          class={code ? "field code" : "field"}
          name={labelled.name}
          type={number ? "number" : "text"}
          defaultValue={String(value ?? "")}
          placeholder={placeholder}
          spellcheck={false}
          autocomplete="off"
          {...(list === undefined ? {} : { list })}
          {...(number ? { step: "any" } : {})}
        />
      )}
    </Labelled>
  );
}

export interface Option {
  value: string;
  text: string;
  /** Under which heading it stands. */
  group?: string;
}

interface ChoiceProps {
  name: string;
  label: string;
  options: readonly Option[];
  value?: string;
  onPick?: (value: string) => void;
}

export function Choice({ name, label, options, value, onPick }: ChoiceProps) {
  return (
    <Labelled name={name} label={label}>
      {(told) => (
        <select {...told} class="btn line" name={name} {...(value === undefined ? {} : { value })} onChange={(event) => onPick?.(event.currentTarget.value)}>
          {grouped(options).map(([group, members]) => {
            const shown = members.map((one) => <option key={one.value} value={one.value} selected={one.value === value}>{one.text}</option>);
            return group ? <optgroup key={group} label={group}>{shown}</optgroup> : shown;
          })}
        </select>
      )}
    </Labelled>
  );
}

/** What stands under one heading together, in the order of coming. */
function grouped(options: readonly Option[]): [string, Option[]][] {
  const groups = new Map<string, Option[]>();
  for (const one of options) groups.set(one.group ?? "", [...(groups.get(one.group ?? "") ?? []), one]);
  return [...groups];
}

export const named = (names: readonly string[]): Option[] => names.map((name) => ({ value: name, text: name }));

/** Connections that are open are offered; any number may be written. */
export function ConnectionField() {
  const { trying } = useStore();
  const list = useId();
  return (
    <>
      <Field name="connection" label="Connection" number placeholder="all" list={list} />
      <datalist id={list}>{trying.connections.value.map((one) => <option key={one.connection} value={one.connection}>{`c${one.connection} ${one.path} ${one.remote}`.trim()}</option>)}</datalist>
    </>
  );
}

/** Points, hooks and connections are looked up while a form is open: after each edit, and whenever it is gone to. */
export function useLookedUp(): () => void {
  const store = useStore();
  const revision = store.edits.chain.value?.revision;
  useEffect(() => void store.trying.look(), [revision]);
  return () => void store.trying.look();
}

/** The Python line of the newest gesture, where no list has it. */
export function Line({ op, shown = [] }: { op: string; shown?: readonly string[] }) {
  const line = useStore().trying.lines.value[op] ?? "";
  return line && !shown.includes(line) ? <p class="py"><Python code={line} class="" /></p> : null;
}

interface StandingProps {
  says: ComponentChildren;
  python: string;
  button: string;
  onRemove: () => void;
}

/** What is armed or set: what it does, the line that does the same, and the way to take it away. */
export function Standing({ says, python, button, onRemove }: StandingProps) {
  return (
    <li>
      <span>{says}</span>
      <span class="py el" title={python}><Python code={python} class="" /></span>
      <span class="sp" />
      <CopyButton text={python} label="Copy the Python line" class="btn ic" />
      <button type="button" class="btn line" onClick={onRemove}>{button}</button>
    </li>
  );
}
