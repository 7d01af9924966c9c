/** What the documents view shows. All times are seconds: ago for what happened, from now for what is due. */

export type DocumentState = "clean" | "waiting" | "storing" | "stored" | "failed" | "refused";

export interface DocumentRow {
  name: string;
  state: DocumentState;
  reason: string;
  due: number | null;
  debounce: number;
  max_debounce: number;
  unsaved: number;
  connections: { connection: number | null; label: string; read_only: boolean }[];
  awareness: { client: number | null; state: string }[];
  changes: number[];
  stores: [begun: number, ended: number | null, ok: boolean][];
  content: string;
}

export interface DocumentsData {
  seconds: number;
  total: number;
  documents: DocumentRow[];
}
