/** Faults, breakpoints and traffic of a bench: what is armed, held and running, and the gestures. */
import { signal } from "@preact/signals";
import { Refused } from "./channel.js";
import type { OpenConnection } from "./chain-data.js";
import type { BreakpointsData, FaultsData, TrafficData } from "./protocol.js";
import type { BenchStore } from "./store.js";
import type { PlaceData } from "./trying-data.js";

/** Shows a sentence beside the field that it is about; false where there is no such field. */
export type Beside = (field: string, says: string) => boolean;

const NOWHERE: Beside = () => false;

export class Trying {
  readonly faults = signal<FaultsData | null>(null);
  readonly breakpoints = signal<BreakpointsData | null>(null);
  readonly traffic = signal<TrafficData | null>(null);
  /** Where faults and breakpoints may be, and for whom. */
  readonly places = signal<PlaceData[]>([]);
  readonly connections = signal<OpenConnection[]>([]);
  /** The Python line of the newest gesture of each sort. */
  readonly lines = signal<Record<string, string>>({});

  constructor(private readonly store: BenchStore) {}

  /** Take a frame; false: it is none of these views. */
  frame(view: string, data: unknown): boolean {
    if (view === "faults") this.faults.value = data as FaultsData;
    else if (view === "breakpoints") this.breakpoints.value = data as BreakpointsData;
    else if (view === "traffic") this.traffic.value = data as TrafficData;
    else return false;
    return true;
  }

  /** Look up what there is to choose from; what cannot be looked up now stays as it was. */
  async look(): Promise<void> {
    try {
      const answer = await this.store.channel.request({ op: "ask", what: "places" });
      this.places.value = (answer.data as { points: PlaceData[] }).points;
      this.connections.value = await this.store.edits.connections();
    } catch {
      // the connection is lost, which the bench says itself
    }
  }

  fault(what: Record<string, unknown>, beside = NOWHERE): Promise<boolean> {
    return this.ask({ op: "fault", ...what }, what["do"] === "arm" ? "Fault armed" : "Disarmed", beside);
  }

  breakpoint(what: Record<string, unknown>, beside = NOWHERE): Promise<boolean> {
    const said: Record<string, string> = { set: "Breakpoint set", clear: "Breakpoint cleared", resume: "The event goes on", drop: "The event is dropped", raise: "The event is made to fail" };
    return this.ask({ op: "breakpoint", ...what }, said[String(what["do"])] ?? "", beside);
  }

  run(what: Record<string, unknown>, beside = NOWHERE): Promise<boolean> {
    return this.ask({ op: "traffic", ...what }, what["do"] === "run" ? "Traffic begins" : "Traffic stops", beside);
  }

  private async ask(message: { op: string } & Record<string, unknown>, said: string, beside: Beside): Promise<boolean> {
    this.store.notice.value = null;
    const line = (python: string) => (this.lines.value = { ...this.lines.value, [message.op]: python });
    try {
      const answer = await this.store.channel.request(message);
      line(answer.python ?? "");
      this.store.say(said);
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      line("");
      if (!(error instanceof Refused && beside(error.field, reason))) this.store.notice.value = `Not done: ${reason}`;
      this.store.say(`Not done: ${reason}`);
      return false;
    }
  }
}
