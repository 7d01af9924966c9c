/** Edits of the chain: shown at once, rolled back with a sentence when the bench refuses them. */
import { computed, signal } from "@preact/signals";
import { findHook, withCard, withEnabled, withLane, withMove, withoutHook } from "./chain-ops.js";
import type { OpenConnection, Palette, PaletteHook } from "./chain-data.js";
import type { Answer, ChainData, Edit } from "./protocol.js";
import type { BenchStore } from "./store.js";

interface Overlay {
  apply: (chain: ChainData) => ChainData;
  /** Revision that contains the edit, once the bench has said so. */
  revision: number | null;
}

export class Edits {
  private readonly newest = signal<ChainData | null>(null);
  private readonly overlays = signal<readonly Overlay[]>([]);
  private readonly held = signal<ChainData | null>(null);
  /** The family of named chains that was chosen; null leaves it to the bench. */
  private readonly chosen = signal<string | null>(null);
  private seen = 0;
  readonly chain = computed(() => this.held.value ?? this.overlaid());

  constructor(private readonly store: BenchStore) {}

  private overlaid(): ChainData | null {
    const chain = this.newest.value;
    return chain && this.overlays.value.reduce((shown, overlay) => overlay.apply(shown), chain);
  }

  frame(data: ChainData): void {
    this.seen = Math.max(this.seen, data.revision);
    this.newest.value = data;
    const left = this.overlays.value.filter((o) => o.revision === null || o.revision > data.revision);
    if (left.length !== this.overlays.value.length) this.overlays.value = left;
  }

  /** Show another family of named chains. */
  choose(name: string): void {
    this.chosen.value = name;
    this.store.rewatch("chain");
    this.store.say(`Chain ${name} shown`);
  }

  params(): Record<string, unknown> | undefined {
    return this.chosen.value === null ? undefined : { chain: this.chosen.value };
  }

  /** While a card is in the hand the chain stands still; frames go on arriving behind it. */
  hold(on: boolean): void {
    this.held.value = on ? this.overlaid() : null;
  }

  /** Move a hook into another list of its point; what it becomes there is the list's. */
  send(hook: string, lane: string): Promise<boolean> {
    return this.edit({ kind: "move", hook, before: null, lane }, (chain) => withLane(chain, hook, lane));
  }

  move(hook: string, before: string | null): Promise<boolean> {
    return this.edit({ kind: "move", hook, before }, (chain) => withMove(chain, hook, before));
  }

  enable(hook: string, on: boolean): Promise<boolean> {
    const name = this.nameOf(hook);
    this.store.say(`${name} ${on ? "enabled" : "disabled"}`);
    return this.edit({ kind: "enable", hook, on }, (chain) => withEnabled(chain, hook, on));
  }

  remove(hook: string): Promise<boolean> {
    this.store.say(`${this.nameOf(hook)} removed; undo brings it back`);
    return this.edit({ kind: "remove", hook }, (chain) => withoutHook(chain, hook));
  }

  duplicate(hook: string): Promise<boolean> {
    return this.told(this.edit({ kind: "duplicate", hook }), `${this.nameOf(hook)} duplicated; its copy stands right behind it`);
  }

  wrap(hook: string): Promise<boolean> {
    return this.told(this.edit({ kind: "wrap", hook }), `${this.nameOf(hook)} wrapped; edit the source of its wrapper`);
  }

  /** Confine a hook to some connections; null: it runs for all again. */
  confine(hook: string, connections: number[] | null): Promise<boolean> {
    const whom = connections === null ? "for all connections" : `only for ${connections.map((n) => `c${n}`).join(", ")}`;
    return this.told(this.edit({ kind: "set_scope", hook, connections }, (chain) => withCard(chain, hook, { connections })), `${this.nameOf(hook)} runs ${whom}`);
  }

  shadow(hook: string, shadow: boolean): Promise<boolean> {
    const how = shadow ? "runs as a shadow: traced, without effect" : "has its effect again";
    return this.told(this.edit({ kind: "set_scope", hook, shadow }, (chain) => withCard(chain, hook, { shadow })), `${this.nameOf(hook)} ${how}`);
  }

  outside(hook: string, on: boolean): Promise<boolean> {
    const effects = on ? "outside" : "context";
    const what = on ? "is marked as having outside effects: drafts of it are not tried" : "has no outside effects";
    return this.told(this.edit({ kind: "set_effects", hook, effects }, (chain) => withCard(chain, hook, { effects })), `${this.nameOf(hook)} ${what}`);
  }

  async connections(): Promise<OpenConnection[]> {
    const answer = await this.store.channel.request({ op: "ask", what: "connections" });
    return (answer.data as { connections: OpenConnection[] }).connections;
  }

  attach({ source, name, point }: Pick<PaletteHook, "source" | "name" | "point">): Promise<boolean> {
    return this.told(this.edit({ kind: "attach", point, ...(source === "ready" ? { ready: name } : { function: name }) }), `${name} attached at ${point}`);
  }

  mark(name: string): Promise<boolean> {
    return this.told(this.edit({ kind: "mark", name }), `Marked: ${name}`);
  }

  returnTo(mark: string): Promise<boolean> {
    return this.told(this.edit({ kind: "return_to", mark }), `All chains are as they were at ${mark}; undo takes that back`);
  }

  /** The lines that stand as one cell; `cut` ends or begins them at a mark. */
  async cell(cut: { until?: string; since?: string } = {}): Promise<string> {
    const answer = await this.store.channel.request({ op: "ask", what: "cell", ...cut });
    return (answer.data as { text: string }).text;
  }

  undo(): Promise<boolean> {
    return this.plain("undo");
  }

  redo(): Promise<boolean> {
    return this.plain("redo");
  }

  async palette(point: string | null): Promise<Palette> {
    const answer = await this.store.channel.request({ op: "ask", what: "palette", ...(point ? { point } : {}) });
    return answer.data as Palette;
  }

  /** Say what was done, once it is. */
  private async told(edit: Promise<boolean>, words: string): Promise<boolean> {
    const done = await edit;
    if (done) this.store.say(words);
    return done;
  }

  private nameOf(hook: string): string {
    return findHook(this.chain.value, hook)?.hook.name ?? hook;
  }

  private async edit(edit: Edit, apply: Overlay["apply"] = (chain) => chain): Promise<boolean> {
    const overlay: Overlay = { apply, revision: null };
    this.overlays.value = [...this.overlays.value, overlay];
    this.store.notice.value = null;
    try {
      const answer = await this.store.channel.request({ op: "edit", revision: this.seen, edit });
      this.settled(overlay, answer);
      return true;
    } catch (error) {
      this.drop(overlay);
      this.refused(error);
      return false;
    }
  }

  private settled(overlay: Overlay, answer: Answer): void {
    const revision = answer.revision ?? this.seen;
    this.seen = Math.max(this.seen, revision);
    if ((this.newest.value?.revision ?? -1) >= revision) this.drop(overlay);
    else this.overlays.value = this.overlays.value.map((o) => (o === overlay ? Object.assign(o, { revision }) : o));
  }

  private drop(overlay: Overlay): void {
    this.overlays.value = this.overlays.value.filter((o) => o !== overlay);
  }

  private async plain(op: "undo" | "redo"): Promise<boolean> {
    this.store.notice.value = null;
    try {
      const answer = await this.store.channel.request({ op });
      this.seen = Math.max(this.seen, answer.revision ?? 0);
      this.store.say(op === "undo" ? "Undone" : "Redone");
      return true;
    } catch (error) {
      this.refused(error);
      return false;
    }
  }

  private refused(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.store.notice.value = `Not done: ${reason}`;
    this.store.say(`Not done: ${reason}`);
  }
}
