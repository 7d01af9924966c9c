/** The list of benches over all kernels, kept fresh while somebody looks at it. */
import { computed, signal } from "@preact/signals";
import type { ServerRow } from "../core/diagnose.js";
import { messageOf, type Api, type Wanted } from "./api.js";

/** Hook systems that New offers; the kernel says which it knows. */
export const DIALECTS = ["crossws", "hocuspocus", "feathers", "directus", "wookie"] as const;

const OFTEN = 2000;
const SELDOM = 15_000;

export interface KernelGroup {
  kernel: string;
  label: string;
  state: string;
  rows: ServerRow[];
}

/** Rows by kernel, in the order in which kernels first appear; a kernel is known by its notebook. */
export function grouped(rows: readonly ServerRow[]): KernelGroup[] {
  const groups = new Map<string, KernelGroup>();
  for (const row of rows) {
    const group = groups.get(row.kernel) ?? { kernel: row.kernel, label: row.notebook?.split("/").pop() ?? `kernel ${row.kernel.slice(0, 8)}`, state: row.kernel_state ?? "unknown", rows: [] };
    group.rows.push(row);
    groups.set(row.kernel, group);
  }
  return [...groups.values()];
}

export function matches(row: ServerRow, query: string): boolean {
  const hay = `${row.name} ${row.dialect} ${row.port ?? ""} ${row.notebook ?? ""}`.toLowerCase();
  return query.toLowerCase().split(/\s+/).every((word) => hay.includes(word));
}

export class Servers {
  readonly rows = signal<readonly ServerRow[]>([]);
  /** Why there is no list, or why the last wish failed; one sentence. */
  readonly trouble = signal<string | null>(null);
  readonly filter = signal("");
  readonly busy = signal(false);
  readonly groups = computed(() => grouped(this.rows.value.filter((row) => matches(row, this.filter.value))));
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watched = 0;
  private checked = false;

  constructor(private readonly api: Pick<Api, "mismatch" | "list" | "create" | "start" | "stop">) {}

  /** Somebody looks; answers how to look away. */
  look(): () => void {
    this.watched++;
    void this.refresh();
    return () => {
      if (--this.watched === 0) clearTimeout(this.timer);
    };
  }

  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    const failed = await this.load();
    clearTimeout(this.timer);
    if (this.watched > 0) this.timer = setTimeout(() => void this.refresh(), failed || document.hidden ? SELDOM : OFTEN);
  }

  private async load(): Promise<boolean> {
    try {
      if (!this.checked) {
        const mismatch = await this.api.mismatch();
        if (mismatch) throw new Error(mismatch);
        this.checked = true;
      }
      this.rows.value = await this.api.list();
      if (!this.wished) this.trouble.value = null;
      return false;
    } catch (error) {
      this.trouble.value = messageOf(error);
      return true;
    }
  }

  private wished = false;

  /** Do something to a bench, say why when it failed, and look again. */
  private async wish<T>(act: () => Promise<T>): Promise<T | null> {
    this.busy.value = true;
    this.wished = false;
    this.trouble.value = null;
    try {
      return await act();
    } catch (error) {
      this.wished = true;
      this.trouble.value = messageOf(error);
      return null;
    } finally {
      this.busy.value = false;
      void this.refresh();
    }
  }

  create(wanted: Wanted): Promise<ServerRow | null> {
    return this.wish(() => this.api.create(wanted));
  }

  start(id: string): Promise<ServerRow | null> {
    return this.wish(() => this.api.start(id));
  }

  async stop(id: string): Promise<void> {
    await this.wish(() => this.api.stop(id));
  }
}
