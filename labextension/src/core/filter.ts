/** Completion of the filter over the events. The bench reads the filter; the page only knows its words. */
import type { Outcome } from "./protocol.js";

const OUTCOMES: readonly Outcome[] = ["ok", "changed", "stopped", "raised", "cancelled", "pending"];

export const FIELDS: Readonly<Record<string, string>> = {
  point: "where the event happened",
  outcome: "how it ended",
  hook: "a hook in its chain",
  connection: "whose event",
  duration: "how long it took, as >5ms",
  work: "how long its hooks worked",
  wait: "how long they waited",
  error: "what was raised, as ~Timeout",
  dispatch: "its number",
  revision: "the board's revision",
  parent: "the event that caused it",
};

export interface Known {
  points: readonly string[];
  hooks: readonly string[];
  connections: readonly number[];
}

export interface Completion {
  /** The whole text with the completion in it. */
  text: string;
  label: string;
  doc: string;
}

/** What may follow at the end of a text: fields, then values of the field. */
export function completions(text: string, known: Known): Completion[] {
  const [, head = "", word = ""] = /^([\s\S]*?)([^\s()]*)$/.exec(text) ?? [];
  const [, field, op, value] = /^(\w+)(!=|>=|<=|[=<>~])(.*)$/.exec(word) ?? [];
  if (!field || !op) {
    const fields = Object.entries(FIELDS).filter(([name]) => name.startsWith(word));
    const signs: Record<string, string> = { duration: ">", work: ">", wait: ">", error: "~", dispatch: ">=" };
    return fields.map(([name, doc]) => ({ text: `${head}${name}${signs[name] ?? "="}`, label: name, doc }));
  }
  const typed = (value ?? "").replace(/^"/, "").toLowerCase();
  return valuesOf(field, known)
    .filter((v) => v.toLowerCase().startsWith(typed) && v.toLowerCase() !== typed)
    .slice(0, 12)
    .map((v) => ({ text: `${head}${field}${op}${quoted(v)} `, label: v, doc: "" }));
}

function valuesOf(field: string, known: Known): readonly string[] {
  switch (field) {
    case "point":
      return known.points;
    case "hook":
      return known.hooks;
    case "outcome":
      return OUTCOMES;
    case "connection":
    case "client":
      return known.connections.map((c) => `c${c}`);
    case "duration":
    case "work":
    case "wait":
      return ["1ms", "10ms", "100ms", "1s"];
    default:
      return [];
  }
}

export const quoted = (value: string) => (/^[^\s=<>~()!"]+$/.test(value) ? value : `"${value.replace(/"/g, '\\"')}"`);
