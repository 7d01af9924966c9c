/** What the source editor shows of a hook: its text, its versions, and what became of a draft. */

export interface SourceVersion {
  version: number;
  /** Who made it: a cell, the editor, the API. */
  author: string;
  /** Time of day, ready to show. */
  time: string;
  revision: number;
  /** Where its text stands; null where it stands nowhere but in the bench. */
  where: string | null;
  current: boolean;
  calls: number;
}

/** What the bench has of a draft. */
export interface KeptDraft {
  /** Goes up with whatever becomes of it. */
  number: number;
  /** Null: it was given up or applied. */
  text: string | null;
  /** The version that it began from. */
  version: number;
  /** The page that wrote it. */
  by: string;
}

export interface SourceData {
  hook: string;
  name: string;
  point: string;
  lane: string | null;
  version: number;
  editable: boolean;
  /** Why it cannot be edited. */
  why: string | null;
  text: string;
  /** Line of the file that the text begins at. */
  first_line: number;
  file: string | null;
  effects: "none" | "outside";
  /** Why a draft is not tried on recorded events; null where it is. */
  trial: string | null;
  /** What is kept of its draft; null: there never was one. */
  draft: KeptDraft | null;
  /** Oldest first. */
  versions: SourceVersion[];
}

/** Where a text stands; one that was written in the editor stands nowhere else, and is only called by name and version. */
export const placeOf = (where: string | null, name: string) => (where?.startsWith(`${name}, version `) ? null : where);

/** A frame of the view; no hook: none is asked for, or it is gone. */
export type SourceFrame = SourceData | { hook: null };

/** What keeps a draft from running; lines and columns of the draft, from 1. */
export interface Problem {
  line: number | null;
  column: number | null;
  message: string;
}

export interface TriedEvent {
  dispatch: number;
  outcome: "ok" | "changed" | "raised" | "late";
  says: string | null;
  line: number | null;
  printed?: string | null;
}

/** A draft called on copies of recorded events. */
export interface Trial {
  ran: number;
  /** Why it was not, or not on all. */
  skipped: string | null;
  raised: number;
  changed: number;
  slow: number;
  events: TriedEvent[];
}

export interface Verdict {
  applied: boolean;
  version: number;
  /** The hook got another version since the draft began. */
  stale: string | null;
  problems: Problem[];
  /** Decorators of the draft: those that were called, and those that attach, which it needs no more. */
  decorators?: { kept: string[]; left_out: string[] };
  trial: Trial | null;
}

export interface DiffLine {
  kind: " " | "+" | "-";
  text: string;
}
