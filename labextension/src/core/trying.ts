/** Faults, breakpoints and traffic of a bench: what is armed, held and running, and the gestures. */
import { signal } from "@preact/signals";
import type { BreakpointsData, FaultsData, TrafficData } from "./protocol.js";
import type { BenchStore } from "./store.js";

export class Trying {
  readonly faults = signal<FaultsData | null>(null);
  readonly breakpoints = signal<BreakpointsData | null>(null);
  readonly traffic = signal<TrafficData | null>(null);
  /** The Python line of the newest gesture. */
  readonly line = signal("");

  constructor(private readonly store: BenchStore) {}

  /** Take a frame; false: it is none of these views. */
  frame(view: string, data: unknown): boolean {
    if (view === "faults") this.faults.value = data as FaultsData;
    else if (view === "breakpoints") this.breakpoints.value = data as BreakpointsData;
    else if (view === "traffic") this.traffic.value = data as TrafficData;
    else return false;
    return true;
  }

  fault(what: Record<string, unknown>): Promise<boolean> {
    return this.ask({ op: "fault", ...what }, what["do"] === "arm" ? "Fault armed" : "Disarmed");
  }

  breakpoint(what: Record<string, unknown>): Promise<boolean> {
    const said: Record<string, string> = { set: "Breakpoint set", clear: "Breakpoint cleared", resume: "The event goes on", drop: "The event is dropped", raise: "The event is made to fail" };
    return this.ask({ op: "breakpoint", ...what }, said[String(what["do"])] ?? "");
  }

  run(what: Record<string, unknown>): Promise<boolean> {
    return this.ask({ op: "traffic", ...what }, what["do"] === "run" ? "Traffic begins" : "Traffic stops");
  }

  private async ask(message: { op: string } & Record<string, unknown>, said: string): Promise<boolean> {
    this.store.notice.value = null;
    try {
      const answer = await this.store.channel.request(message);
      this.line.value = answer.python ?? "";
      this.store.say(said);
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.store.notice.value = `Not done: ${reason}`;
      this.store.say(`Not done: ${reason}`);
      return false;
    }
  }
}
