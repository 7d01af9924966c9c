/** Why a bench does not answer, from what the Jupyter server knows about it. */
import type { Diagnosis } from "./host.js";

export interface ServerRow {
  id: string;
  name: string;
  dialect: string;
  kernel: string;
  url: string;
  port: number | null;
  state: string;
  reason: string | null;
  rate: number | null;
  errors: number | null;
  clients: number | null;
  notebook: string | null;
  kernel_state: string | null;
}

const DEAD = new Set(["dead", "gone", "terminating"]);

export function diagnose(rows: readonly ServerRow[], id: string): Diagnosis | null {
  const row = rows.find((r) => r.id === id);
  if (!row) return { kind: "gone", sentence: "Its kernel was restarted or shut down; run the bench’s cell again to start it." };
  if (row.kernel_state && DEAD.has(row.kernel_state)) return { kind: "gone", sentence: row.reason ?? "Its kernel died; restart the kernel and run the bench’s cell again." };
  if (row.state === "stopped" || row.state === "failed") return { kind: "stopped", sentence: row.reason ?? "It was stopped; start it to serve clients." };
  if (row.kernel_state === "busy") return { kind: "busy", sentence: "A cell is running; the server answers its clients, and this page tries again." };
  return null;
}
