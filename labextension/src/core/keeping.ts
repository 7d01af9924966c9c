/** Drafts go to the bench while they are written, so that a page that is loaded anew finds them, and every other one too. */
import { Refused } from "./channel.js";
import { newName } from "./links.js";
import { draftIn, isUnkept, learned, type Sheets } from "./sheets.js";
import type { KeptDraft } from "./source-data.js";
import type { BenchStore } from "./store.js";

export class Keeping {
  private readonly me = newName();
  /** Hooks whose drafts are under way on the present link; what is written meanwhile follows the answer. */
  private under = new Set<string>();

  constructor(private readonly store: BenchStore, private readonly sheets: Sheets) {
    globalThis.addEventListener?.("pagehide", this.leaving);
    globalThis.addEventListener?.("beforeunload", this.asking);
  }

  dispose(): void {
    this.leaving();
    globalThis.removeEventListener?.("pagehide", this.leaving);
    globalThis.removeEventListener?.("beforeunload", this.asking);
  }

  /** The last words of a page wait for no answer. */
  private readonly leaving = (): void => {
    for (const hook of this.sheets.unkept()) void this.send(hook);
  };

  /** The browser asks before it leaves what nobody else has. */
  private readonly asking = (event: Event): void => {
    if (this.sheets.unkept().some((hook) => this.why(hook) !== null)) event.preventDefault();
  };

  /** There is a new link: what was under way on the last one may be lost. */
  linked(): void {
    this.under = new Set();
    for (const hook of this.sheets.unkept()) this.changed(hook);
  }

  learn(hook: string, found: KeptDraft | null | undefined): void {
    if (found) this.sheets.change(hook, learned(this.sheets.of(hook), found, this.me));
  }

  /** Why this page alone has the draft as it is; null where the bench has it, or is about to. */
  why(hook: string): string | null {
    const sheet = this.sheets.of(hook);
    if (!isUnkept(sheet)) return null;
    if (this.store.link.value.phase !== "open") return "the bench is out of reach";
    return sheet.rival ? "another page has one too" : sheet.refused;
  }

  /** A draft was written or given up. */
  changed(hook: string): void {
    if (isUnkept(this.sheets.of(hook)) && this.why(hook) === null && !this.under.has(hook)) void this.send(hook);
  }

  /** Of two drafts the one that was written here is kept. */
  prefer(hook: string): void {
    const { rival } = this.sheets.of(hook);
    if (!rival) return;
    this.sheets.change(hook, { kept: rival, rival: null });
    this.changed(hook);
  }

  /** Of two drafts the other page's goes on here. */
  yield(hook: string): void {
    const { rival } = this.sheets.of(hook);
    if (rival) this.sheets.change(hook, { draft: draftIn(rival), kept: rival, rival: null });
  }

  private async send(hook: string): Promise<void> {
    const { under } = this;
    const { draft, kept } = this.sheets.of(hook);
    under.add(hook);
    try {
      const answer = await this.store.channel.request({ op: "source", do: "keep", hook, by: this.me, seen: kept?.number ?? 0, ...draft });
      this.learn(hook, answer.data as KeptDraft);
    } catch (error) {
      if (!(error instanceof Refused)) return; // the link is gone; the next one asks again
      if (this.sheets.of(hook).draft?.text === draft?.text) this.sheets.change(hook, { refused: error.message });
    } finally {
      under.delete(hook);
    }
    this.changed(hook);
  }
}
