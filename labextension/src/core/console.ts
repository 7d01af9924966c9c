/** The console's clients: those of the bench, and those that this page opened itself. */
import { computed, signal } from "@preact/signals";
import { PageClient, toBase64, type compose } from "./clients.js";
import { plainSocket } from "./links.js";
import type { ConsoleClient, ConsoleData } from "./protocol.js";
import type { BenchStore } from "./store.js";

export const MOST_CLIENTS = 8;

export class Console {
  private readonly data = signal<ConsoleData | null>(null);
  private readonly pages = signal<readonly PageClient[]>([]);
  private readonly chosen = signal<string | null>(null);
  private greeted = false;

  readonly clients = computed<readonly (ConsoleClient & { page: boolean })[]>(() => [
    ...(this.data.value?.clients ?? []).map((c) => ({ ...c, page: false })),
    ...this.pages.value.map((p) => ({ ...p.view.value, page: true })),
  ]);
  readonly active = computed(() => {
    const clients = this.clients.value;
    return clients.find((c) => c.id === this.chosen.value) ?? clients.find((c) => c.state === "open") ?? clients[0] ?? null;
  });

  constructor(private readonly store: BenchStore) {}

  frame(data: ConsoleData): void {
    this.data.value = data;
    this.greet();
  }

  /** Where the bench lets a plain WebSocket in; null: nowhere. */
  get path(): string | null {
    return this.store.header.value?.socket_path ?? null;
  }

  /** An empty bench gets a connection of its own, so that the first message is one press of Send away. */
  greet(): void {
    const header = this.store.header.value;
    if (this.greeted || !this.data.value || !header || (header.state !== "ready" && header.state !== "live")) return;
    this.greeted = true;
    if (header.socket_path !== null && this.clients.value.length === 0 && header.events === 0) void this.open(header.socket_path);
  }

  choose(id: string): void {
    this.chosen.value = id;
  }

  /** Open one more client: inside the kernel, or from this page through Jupyter's proxy. */
  async open(path: string, from: "kernel" | "page" = "kernel"): Promise<void> {
    if (this.clients.value.length >= MOST_CLIENTS) return;
    const id = this.freeId(from === "page" ? "p" : "c");
    this.chosen.value = id;
    if (from === "page" && this.store.host.clientUrl) {
      const url = this.store.host.clientUrl(path);
      this.pages.value = [...this.pages.value, new PageClient(id, path, url, plainSocket)];
      return;
    }
    await this.command({ do: "open", client: id, path });
  }

  private freeId(letter: string): string {
    const taken = new Set(this.clients.value.map((c) => c.id));
    let n = 1;
    while (taken.has(`${letter}${n}`)) n++;
    return `${letter}${n}`;
  }

  async reopen(client: ConsoleClient): Promise<void> {
    const page = this.pageOf(client.id);
    if (page) page.open();
    else await this.command({ do: "open", client: client.id, path: client.path });
  }

  async send(id: string, what: Exclude<ReturnType<typeof compose>, { error: string }>): Promise<boolean> {
    const page = this.pageOf(id);
    if (page && "text" in what) page.send(what.text);
    else if (page && "bytes" in what) page.sendBytes(what.bytes);
    else if ("text" in what) return this.command({ do: "send", client: id, data: what.text });
    else return this.command({ do: "send", client: id, binary: toBase64(what.bytes) });
    return true;
  }

  async close(id: string): Promise<void> {
    const page = this.pageOf(id);
    if (!page) {
      await this.command({ do: "close", client: id });
      return;
    }
    if (page.view.value.state === "closed") this.pages.value = this.pages.value.filter((p) => p !== page);
    else page.close();
  }

  async clear(id: string): Promise<void> {
    const page = this.pageOf(id);
    if (page) page.clear();
    else await this.command({ do: "clear", client: id });
  }

  dispose(): void {
    for (const page of this.pages.value) page.close();
  }

  private pageOf(id: string): PageClient | undefined {
    return this.pages.value.find((p) => p.id === id);
  }

  private async command(message: Record<string, unknown>): Promise<boolean> {
    try {
      await this.store.channel.request({ op: "client", ...message });
      return true;
    } catch (error) {
      this.store.notice.value = error instanceof Error ? error.message : String(error);
      return false;
    }
  }
}
