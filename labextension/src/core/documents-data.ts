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

export type Member = DocumentRow["connections"][number] & { sessions: number };

/** Each connection once: a client may open a document several times over one socket, as sessions. */
export function membersOf(row: DocumentRow): Member[] {
  const members = new Map<string, Member>();
  for (const one of row.connections) {
    const key = JSON.stringify([one.connection, one.label, one.read_only]);
    members.set(key, { ...one, sessions: (members.get(key)?.sessions ?? 0) + 1 });
  }
  return [...members.values()];
}

export interface DocumentsData {
  seconds: number;
  total: number;
  documents: DocumentRow[];
}
