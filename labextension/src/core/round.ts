/** Measures the page's own ways: the round trip of a command, and how fast frames get painted. */
import { signal } from "@preact/signals";
import type { BenchStore } from "./store.js";

const PING_EVERY = 2000;
const BETTER_EVERY = 20_000;
const SLOW_MS = 220;
const SILENT_AFTER = 6000;

export class Round {
  readonly trip = signal<number | null>(null);
  /** Frames a second that this page manages, when that is fewer than the bench would send; else null. */
  readonly slowHz = signal<number | null>(null);
  /** The bench has not answered for a while though the connection stands: a cell is in the way of the comm. */
  readonly silent = signal(false);
  private asked: number | null = null;
  private paint = 0;
  private timers: ReturnType<typeof setInterval>[] = [];

  start(store: BenchStore): void {
    const ping = async () => {
      if (!store.channel.open || this.asked !== null || (typeof document !== "undefined" && document.hidden)) return this.waited(store);
      this.asked = Date.now();
      await store.channel.ping().then((ms) => this.tripped(ms), () => {});
      this.asked = null;
      this.silent.value = false;
    };
    const better = () => {
      const link = store.link.value;
      if (link.phase === "open" && link.kind === "comm" && store.standing.value !== "stopped") void store.channel.connect();
    };
    this.timers = [setInterval(() => void ping(), PING_EVERY), setInterval(better, BETTER_EVERY)];
    setTimeout(() => void ping(), 300);
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.timers = [];
  }

  /** A socket that does not answer is given up; a comm waits for the running cell, which may take its time. */
  private waited(store: BenchStore): void {
    const link = store.link.value;
    const since = this.asked === null ? 0 : Date.now() - this.asked;
    if (link.phase !== "open" || since < SILENT_AFTER) return;
    if (link.kind === "comm") this.silent.value = true;
    else store.channel.drop("the bench did not answer for 6 seconds");
  }

  private tripped(ms: number): void {
    const old = this.trip.value;
    this.trip.value = old === null ? ms : old * 0.6 + ms * 0.4;
  }

  /** Acknowledge after the paint, and keep a running mean of how long that takes. */
  painted(done: () => void): void {
    if (typeof document === "undefined" || document.hidden) {
      setTimeout(done, 0);
      return;
    }
    const begun = performance.now();
    let left = true;
    const once = () => {
      if (!left) return;
      left = false;
      this.measured(performance.now() - begun);
      done();
    };
    // Off-screen frames are not painted by the browser; the timer then answers for them.
    requestAnimationFrame(() => setTimeout(once, 0));
    setTimeout(once, 1000);
  }

  private measured(ms: number): void {
    this.paint = this.paint * 0.8 + ms * 0.2;
    const hz = this.paint > SLOW_MS ? Math.max(1, Math.round(1000 / this.paint)) : null;
    if (hz !== this.slowHz.value) this.slowHz.value = hz;
  }
}
