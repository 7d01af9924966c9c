/**
 * The command channel as the page sees it: requests with answers, views with acknowledged frames, and a connection that is
 * looked for again when it is lost. How bytes travel is a `Link`'s business; which links are worth trying, the host's.
 */
import { welcomed, type Connector, type Link } from "./greeting.js";
import type { Answer, BenchInfo, Message, Pace, ViewName, Views } from "./protocol.js";

export type { Connector, Link };

export type ChannelState =
  | { phase: "connecting" }
  | { phase: "open"; kind: Connector["kind"]; label: string; bench: BenchInfo }
  | { phase: "lost"; reason: string; retryAt: number };

export class Refused extends Error {
  /** `field`: the member of the message that the sentence is about; empty where it is about none alone. */
  constructor(reason: string, readonly revision: number | null, readonly field = "") {
    super(reason);
    this.name = "Refused";
  }
}

interface Watch {
  params: Record<string, unknown> | undefined;
  pace: Pace;
}

interface Waiting {
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
}

export interface ChannelOptions {
  face: "widget" | "lab" | "page";
  connectors: () => Promise<Connector[]> | Connector[];
  onState: (state: ChannelState) => void;
  onFrame: <V extends ViewName>(view: V, data: Views[V]) => void;
  /** The bench said goodbye, with its reason. */
  onBye?: (reason: string) => void;
  /** How long a connector may take from open to welcome, ms. */
  patience?: number;
  /** Runs after the page has painted what a frame brought; a slow page so acknowledges late and gets fewer. */
  painted?: (done: () => void) => void;
}

const BACKOFF = [300, 700, 1500, 3000, 6000, 12_000];

export class Channel {
  private link: Link | null = null;
  private kind: Connector["kind"] | null = null;
  private nextId = 1;
  private waiting = new Map<number, Waiting>();
  private watches = new Map<ViewName, Watch>();
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private round = 0;
  private disposed = false;
  private readonly paintedThen: (done: () => void) => void;

  constructor(private readonly options: ChannelOptions) {
    this.paintedThen = options.painted ?? ((done) => setTimeout(done, 0));
  }

  get open(): boolean {
    return this.link !== null;
  }

  /** Look for the best way now, whatever was waited for. */
  async connect(): Promise<void> {
    clearTimeout(this.timer);
    const round = ++this.round;
    if (!this.link) this.options.onState({ phase: "connecting" });
    let reason = "the bench does not listen";
    const ways = await Promise.resolve(this.options.connectors()).catch((error: unknown) => {
      reason = error instanceof Error ? error.message : String(error);
      return [];
    });
    for (const connector of ways) {
      if (this.disposed || round !== this.round) return;
      if (this.link && connector.kind === this.kind) return;
      try {
        await this.greet(connector, round);
        return;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
    }
    if (round === this.round && !this.disposed && !this.link) this.retryLater(reason);
  }

  private async greet(connector: Connector, round: number): Promise<void> {
    const link = await connector.open();
    const bench = await welcomed(link, this.options.face, this.options.patience ?? 4000).catch((error: unknown) => {
      link.close();
      throw error;
    });
    if (this.disposed || round !== this.round) {
      link.close();
      return;
    }
    this.adopt(link, connector, bench);
  }

  private adopt(link: Link, connector: Connector, bench: BenchInfo): void {
    const previous = this.link;
    this.link = link;
    this.kind = connector.kind;
    this.attempt = 0;
    link.receive = (message) => this.received(message);
    link.closed = (reason) => this.lost(link, reason);
    if (previous) {
      previous.closed = () => {};
      previous.close();
      this.failWaiting("the connection was replaced by a better one");
    }
    this.options.onState({ phase: "open", kind: connector.kind, label: connector.label, bench });
    for (const [view, watch] of this.watches) this.sendWatch(view, watch);
  }

  private lost(link: Link, reason: string): void {
    if (this.link !== link) return;
    this.link = null;
    this.kind = null;
    this.failWaiting(reason);
    if (!this.disposed) this.retryLater(reason);
  }

  private retryLater(reason: string): void {
    const wait = BACKOFF[Math.min(this.attempt++, BACKOFF.length - 1)] ?? 12_000;
    const jittered = wait * (0.85 + Math.random() * 0.3);
    this.options.onState({ phase: "lost", reason, retryAt: Date.now() + jittered });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.connect(), jittered);
  }

  private failWaiting(reason: string): void {
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of waiting) reject(new Error(reason));
  }

  private received(message: Message): void {
    switch (message.op) {
      case "answer":
      case "refused":
        this.settle(message);
        break;
      case "frame":
        this.frame(message);
        break;
      case "bye":
        this.goodbye(String(message["reason"] ?? "the bench said goodbye"));
        break;
      default: // a newer bench may say more than this page knows
    }
  }

  private goodbye(reason: string): void {
    this.options.onBye?.(reason);
    this.drop(reason);
  }

  private settle(message: Message): void {
    const waiting = this.waiting.get(message.id ?? -1);
    if (!waiting) return;
    this.waiting.delete(message.id ?? -1);
    const revision = typeof message["revision"] === "number" ? message["revision"] : null;
    if (message.op === "refused" || message["ok"] === false) {
      waiting.reject(new Refused(String(message["reason"] ?? "refused"), revision, String(message["field"] ?? "")));
    } else {
      waiting.resolve({ revision, python: (message["python"] as string | undefined) ?? null, data: message["data"] });
    }
  }

  private frame(message: Message): void {
    const view = message["view"] as ViewName;
    const link = this.link;
    if (this.watches.has(view)) this.options.onFrame(view, message["data"] as Views[typeof view]);
    this.paintedThen(() => {
      if (this.link === link) this.post({ op: "ack", view, frame: message["frame"] });
    });
  }

  /** Send what has no answer; a link that throws is a link that is lost. */
  private post(message: Message): void {
    try {
      this.link?.send(message);
    } catch (error) {
      this.drop(error instanceof Error ? error.message : String(error));
    }
  }

  /** Send a command and wait for its answer; rejects with `Refused` (a sentence) or when the connection is lost. */
  request(message: Message): Promise<Answer> {
    const link = this.link;
    if (!link) return Promise.reject(new Error("not connected to the bench; it will be tried again"));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      link.send({ ...message, id });
      this.waiting.set(id, { resolve, reject });
    });
  }

  /** Ask for a view's frames, or change what and how often. Kept over reconnects. */
  watch(view: ViewName, pace: Pace, params?: Record<string, unknown>): void {
    const watch = { params, pace };
    const before = this.watches.get(view);
    if (before && before.pace === pace && JSON.stringify(before.params) === JSON.stringify(params)) return;
    this.watches.set(view, watch);
    this.sendWatch(view, watch);
  }

  unwatch(view: ViewName): void {
    if (this.watches.delete(view)) this.post({ op: "unwatch", view });
  }

  private sendWatch(view: ViewName, watch: Watch): void {
    this.post({ op: "watch", view, pace: watch.pace, ...(watch.params ? { params: watch.params } : {}) });
  }

  /** Give this link up and look for another; for a link that has gone silent. */
  drop(reason: string): void {
    const link = this.link;
    if (!link) return;
    link.closed = () => {};
    link.close();
    this.lost(link, reason);
  }

  /** Round trip to the bench, ms. */
  async ping(): Promise<number> {
    const start = performance.now();
    await this.request({ op: "ping" });
    return performance.now() - start;
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.failWaiting("the panel was closed");
    this.link?.close();
    this.link = null;
  }
}

