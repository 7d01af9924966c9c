/** The filter line over the events: `point=message outcome=raised hook=auth connection=c2`. */
import type { EventFilter, Outcome } from "./protocol.js";

const OUTCOMES: readonly Outcome[] = ["ok", "changed", "stopped", "raised", "skipped", "cancelled", "pending"];

export type Parsed = { filter: EventFilter } | { error: string };

export function parseFilter(text: string): Parsed {
  const filter: EventFilter = {};
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const [, field, value] = /^(\w+)=(.+)$/.exec(word) ?? [];
    if (!field || !value) return { error: `“${word}” is not field=value` };
    const problem = put(filter, field, value);
    if (problem) return { error: problem };
  }
  return { filter };
}

function put(filter: EventFilter, field: string, value: string): string | null {
  switch (field) {
    case "point":
      filter.point = value;
      return null;
    case "hook":
      filter.hook = value;
      return null;
    case "outcome":
      if (!OUTCOMES.includes(value as Outcome)) return `“${value}” is no outcome; ${OUTCOMES.join(", ")} are`;
      filter.outcome = value as Outcome;
      return null;
    case "connection":
    case "client": {
      const index = /^c?(\d+)$/.exec(value)?.[1];
      if (!index) return `“${value}” is no connection; c1, c2 … are`;
      filter.connection = Number(index);
      return null;
    }
    default:
      return `“${field}” is no field; point, hook, outcome and connection are`;
  }
}

/** The same selection as a line of pandas over the bench's frames. */
export function asPandas(filter: EventFilter, bench = "bench"): string {
  const frame = filter.hook ? "calls" : "dispatches";
  const terms = Object.entries(filter).map(([field, value]) => `${field} == ${typeof value === "number" ? value : JSON.stringify(value)}`);
  return terms.length ? `${bench}.trace.${frame}.query(${pythonText(terms.join(" and "))})` : `${bench}.trace.${frame}`;
}

function pythonText(text: string): string {
  return `'${text.replace(/\\/g, "\\\\").replace(/'/g, "\\'")}'`;
}
