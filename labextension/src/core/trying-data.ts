/** Frames of the views for faults, breakpoints and traffic. */
export interface FaultsData {
  kinds: string[];
  armed: { id: string; kind: string; where: string; probability: number; seed: number; injected: number; considered: number; python: string }[];
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
