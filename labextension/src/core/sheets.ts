/** What is known of each hook's editing: its draft, what the bench said of it, and what of it the bench has. */
import { signal } from "@preact/signals";
import type { KeptDraft, Verdict } from "./source-data.js";

/** What was written and not applied, and the version that it began from. */
export interface Draft {
  text: string;
  version: number;
}

/** What the bench said, and of which text. */
export interface Said {
  words: string;
  /** Bad: not done as it was asked; warn: done, and some events fared ill. */
  tone: "good" | "warn" | "bad";
  verdict: Verdict | null;
  text: string;
}

/** All that is known of a hook, whether its editor is open or closed. */
export interface Sheet {
  draft: Draft | null;
  said: Said | null;
  /** What the bench has, as far as the draft here goes on from it; null: nothing yet. */
  kept: KeptDraft | null;
  /** The draft of another page, which came while there was one here that the bench did not have. */
  rival: KeptDraft | null;
  /** Why the bench does not take the draft as it is. */
  refused: string | null;
}

export const CLEAN: Sheet = { draft: null, said: null, kept: null, rival: null, refused: null };

export class Sheets {
  private readonly all = signal<ReadonlyMap<string, Sheet>>(new Map());

  of(hook: string): Sheet {
    return this.all.value.get(hook) ?? CLEAN;
  }

  change(hook: string, what: Partial<Sheet>): void {
    this.all.value = new Map(this.all.value).set(hook, { ...this.of(hook), ...what });
  }

  /** The hooks whose drafts the bench does not have as they stand here. */
  unkept(): string[] {
    return [...this.all.value].filter(([, sheet]) => isUnkept(sheet)).map(([hook]) => hook);
  }
}

export const draftIn = (kept: KeptDraft | null): Draft | null => (kept?.text == null ? null : { text: kept.text, version: kept.version });

const same = (one: Draft | null, other: Draft | null) => one?.text === other?.text && one?.version === other?.version;

/** The bench does not have the draft as it stands here. */
export const isUnkept = ({ draft, kept }: Sheet) => !same(draft, draftIn(kept));

/** What a page learns of what the bench has: its own words come back, another page's are taken over, or stand against its own. */
export function learned(sheet: Sheet, found: KeptDraft, me: string): Partial<Sheet> {
  if (found.number <= (sheet.kept?.number ?? 0)) return {}; // older than what is known
  const goesOn = { kept: found, rival: null };
  if (found.by === me || found.text === sheet.draft?.text) return goesOn;
  if (!isUnkept(sheet)) return { ...goesOn, draft: draftIn(found) };
  return found.text === null ? goesOn : { rival: found };
}
