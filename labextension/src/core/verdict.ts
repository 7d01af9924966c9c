/** What became of a draft, in words. */
import { plural } from "./format.js";
import type { Trial, TriedEvent, Verdict } from "./source-data.js";

/** Sent to be tried, to be applied, or to make an earlier version the current one. */
export type Doing = "check" | "apply" | "return";

/** One sentence for all of it; `running` is the version that goes on where nothing was applied. */
export function verdictWords(verdict: Verdict, doing: Doing, running: number): string {
  if (verdict.applied) return [`Version ${verdict.version} runs from the next event on.`, trialWords(verdict.trial)].filter(Boolean).join(" ");
  if (verdict.stale) return `Not applied: ${sentence(verdict.stale)}`;
  const stays = doing === "check" ? "" : ` Version ${running} keeps running.`;
  const wrong = verdict.problems.length > 0 && !failedTrialOnly(verdict);
  const found = wrong ? `${plural(verdict.problems.length, "problem")} found.` : trialWords(verdict.trial) || "Nothing wrong found.";
  return doing === "check" ? found : `Not applied: ${found[0]!.toLowerCase()}${found.slice(1)}${stays}`;
}

export function toneOf({ stale, problems, trial, applied }: Verdict, doing: Doing): "good" | "warn" | "bad" {
  if (!applied && (stale !== null || problems.length > 0 || doing !== "check")) return "bad";
  return problems.length > 0 || (trial && trial.raised + trial.slow > 0) ? "warn" : "good";
}

/** Compiled and called, so that what is wrong with it is what happened to recorded events. */
export const failedTrialOnly = ({ applied, stale, problems, trial }: Verdict) => !applied && stale === null && trial !== null && trial.ran > 0 && problems.length > 0;

/** "Tried on 20 events: 12 changed, 1 raised, 7 ok." */
export function trialWords(trial: Trial | null): string {
  if (!trial) return "";
  if (!trial.ran) return trial.skipped ? `Not tried: ${sentence(trial.skipped)}` : "";
  const ok = trial.ran - trial.changed - trial.raised - trial.slow;
  const parts = [[trial.changed, "changed"], [trial.raised, "raised"], [trial.slow, "took too long"], [ok, "ok"]] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`);
  return `Tried on ${plural(trial.ran, "event")}: ${said.join(", ")}.${trial.skipped ? ` ${sentence(trial.skipped)}` : ""}`;
}

/** What failed first, then what changed, each in the order of the events. */
export function triedFirst(events: readonly TriedEvent[]): TriedEvent[] {
  const rank = { raised: 0, late: 1, changed: 2, ok: 3 } as const;
  return [...events].sort((a, b) => rank[a.outcome] - rank[b.outcome] || b.dispatch - a.dispatch);
}

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
