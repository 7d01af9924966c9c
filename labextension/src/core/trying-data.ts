/** Frames of the views for faults, breakpoints and traffic. */
export interface FaultKind {
  name: string;
  /** On what it acts where no point is named. */
  anywhere: string;
  /** What only this kind is told, and usually is. */
  own: Record<string, number | string>;
}

export interface FaultsData {
  kinds: FaultKind[];
  /** What every kind is told, and usually is. */
  usual: { probability: number; seed: number };
  armed: { id: string; kind: string; where: string; injected: number; considered: number; python: string }[];
}

/** A point, or a chain with a name of its own, and its hooks. */
export interface PlaceData {
  name: string;
  parameters: string[];
  hooks: { id: string; name: string; where: string; on: boolean }[];
}

export interface HeldEvent {
  id: string;
  where: string;
  when: "before" | "after";
  connection: number | null;
  left: boolean;
  dispatch: number | null;
  since: number;
  payload: string;
  editable: boolean;
  result: string | null;
}

export interface BreakpointsData {
  points: { id: string; where: string; hits: number; python: string }[];
  held: HeldEvent[];
  waiting: number;
}

export interface TrafficRun {
  state: string;
  reason: string;
  python: string;
  sent: number | null;
  answered: number | null;
  late: number | null;
  refused: number | null;
  waiting: number | null;
  p50_ms: number | null;
  p99_ms: number | null;
  ceiling: number | null;
}

export interface TrafficData {
  templates: string[];
  patterns: string[];
  run: TrafficRun | null;
}
