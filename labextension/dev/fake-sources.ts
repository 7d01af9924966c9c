/** Sources of the page's own bench: checked by eye of a child, enough to try the editor's panel. */
import type { KeptDraft, SourceData, Verdict } from "../src/core/source-data.js";
import { withCard } from "../src/core/chain-ops.js";
import type { ChainData, Message } from "../src/core/protocol.js";
import { lineDiff } from "../src/core/lines.js";

export const source: SourceData = {
  hook: "h6", name: "clean_words", point: "message", lane: null, version: 2, editable: true, why: null, first_line: 12, file: "cell 4", effects: "none", trial: null, draft: null,
  text: '@bench.hook("message")\nasync def clean_words(peer, message):\n    text = peer.context["msg"]["say"]  # as it was sent\n    for word in WORDS:\n        text = text.replace(word, "****")\n    peer.context["msg"]["say"] = text\n',
  versions: [
    { version: 1, author: "cell", time: "14:00:07", revision: 4, where: "cell 3", current: false, calls: 128 },
    { version: 2, author: "cell", time: "14:01:32", revision: 6, where: "cell 4", current: true, calls: 4031 },
  ],
};

export class FakeSources {
  readonly data = structuredClone(source);
  private readonly texts = new Map([[1, source.text.replace('"****"', '"..."')], [2, source.text]]);
  /** What the next drafts are told, in place of what this bench thinks of them. */
  verdict: Partial<Verdict> | null = null;

  frame(hook: unknown): unknown {
    return hook === this.data.hook ? this.data : { hook: null };
  }

  /** The chain, with what is kept of the draft on its card. */
  marked(chain: ChainData): ChainData {
    const { hook, draft, version } = this.data;
    return withCard(chain, hook, { version, draft: draft && { number: draft.number, version: draft.text === null ? null : draft.version } });
  }

  act(message: Message): unknown {
    const { data } = this;
    if (message["do"] === "keep") return this.keep(message);
    const from = Number(message["from"]);
    if (message["do"] === "diff") return { lines: lineDiff(this.texts.get(from) ?? "", this.texts.get(Number(message["to"] ?? data.version)) ?? "") };
    const stale = message["version"] === data.version ? null : `${data.name} is at version ${data.version} by now, your draft began from version ${String(message["version"])}`;
    const text = message["do"] === "return" ? this.texts.get(Number(message["to"]))! : String(message["text"]);
    const trial = stale || problemsOf(text).length ? null : trialOf(text);
    const failures = (trial?.events ?? []).filter((e) => e.outcome === "raised").map((e) => ({ line: e.line, column: 1, message: `event ${e.dispatch}: ${String(e.says)}` }));
    const found: Verdict = { applied: false, version: data.version, stale, problems: [...problemsOf(text), ...failures], trial, decorators: { kept: [], left_out: ['@bench.hook("message")'] }, ...this.verdict };
    if (found.stale || message["do"] === "check" || (found.problems.length && !message["anyway"])) return found;
    this.become(text, "editor", `${data.name}, version ${data.version + 1}`);
    if (data.draft?.text === text) this.put({ text: null, version: 0, by: "" });
    return { ...found, applied: true, version: data.version };
  }

  /** What a page has written, or another one (`by`). */
  keep(message: Record<string, unknown>): KeptDraft | null {
    const { draft } = this.data;
    const unseen = draft?.text != null && draft.by !== message["by"] && draft.number !== message["seen"];
    return unseen ? draft : this.put({ text: (message["text"] as string | undefined) ?? null, version: Number(message["version"] ?? 0), by: String(message["by"]) });
  }

  private put(draft: Omit<KeptDraft, "number">): KeptDraft {
    return (this.data.draft = { number: (this.data.draft?.number ?? 0) + 1, ...draft });
  }

  /** A new version, from the editor or from elsewhere. */
  become(text: string, author: string, where: string | null): void {
    const { data } = this;
    data.version = data.versions.length + 1;
    data.text = text;
    data.file = where;
    this.texts.set(data.version, text);
    for (const one of data.versions) one.current = false;
    data.versions.push({ version: data.version, author, time: "14:05:00", revision: 9, where, current: true, calls: 0 });
  }
}

function problemsOf(text: string): Verdict["problems"] {
  return text.split("\n").flatMap((line, at) => (/^\s*(for|if|def|async def)\b[^#]*[^:]\s*$/.test(line) ? [{ line: at + 1, column: line.length, message: "SyntaxError: expected ':'" }] : []));
}

function trialOf(text: string): Verdict["trial"] {
  const wrong = text.split("\n").findIndex((line) => line.includes("None"));
  const events = Array.from({ length: 20 }, (_, i) => {
    const raised = wrong >= 0 && i === 3;
    return { dispatch: 4197 - i, outcome: raised ? ("raised" as const) : i % 3 ? ("changed" as const) : ("ok" as const), says: raised ? `TypeError: replace() argument 2 must be str, not None (line ${wrong + 1})` : i % 3 ? "context.msg.say: 'this damn build' to 'this **** build'" : null, line: raised ? wrong + 1 : null };
  });
  return { ran: 20, skipped: null, raised: events.filter((e) => e.outcome === "raised").length, changed: events.filter((e) => e.outcome === "changed").length, slow: 0, events };
}
