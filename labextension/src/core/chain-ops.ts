/** The chain as an edit would leave it, for the moment between a gesture and the bench's answer. */
import type { ChainData, ChainPoint, HookCard, LaneData } from "./protocol.js";
import type { Row } from "./reorder.js";

export interface Place {
  point: ChainPoint;
  lane: LaneData;
  hook: HookCard;
}

export function findHook(chain: ChainData | null, id: string): Place | null {
  for (const point of chain?.points ?? [])
    for (const lane of point.lanes) for (const hook of lane.hooks) if (hook.id === id) return { point, lane, hook };
  return null;
}

/** The hooks of a point as rows of the reorder machine. */
export function rowsOf(point: ChainPoint): Row[] {
  return point.lanes.flatMap((lane) =>
    lane.hooks.map((h) => ({ id: h.id, name: h.name, lane: lane.name, movable: h.movable && !h.guest, enabled: h.enabled })),
  );
}

export function hooksOf(point: ChainPoint): HookCard[] {
  return point.lanes.flatMap((lane) => lane.hooks);
}

export function withMove(chain: ChainData, id: string, before: string | null): ChainData {
  return mapPointOf(chain, id, (lane) => {
    const hook = lane.hooks.find((h) => h.id === id);
    if (!hook) return lane;
    const rest = lane.hooks.filter((h) => h.id !== id);
    const at = before === null ? rest.length : rest.findIndex((h) => h.id === before);
    const hooks = [...rest];
    hooks.splice(at < 0 ? rest.length : at, 0, hook);
    return { ...lane, hooks };
  });
}

/** Another list of the same point gets the hook, as its last. */
export function withLane(chain: ChainData, id: string, lane: string): ChainData {
  const found = findHook(chain, id);
  if (!found) return chain;
  return mapPointOf(chain, id, (one) => {
    if (one.name === lane) return { ...one, hooks: [...one.hooks.filter((h) => h.id !== id), { ...found.hook, kind: one.kind ?? found.hook.kind }] };
    return { ...one, hooks: one.hooks.filter((h) => h.id !== id) };
  });
}

export function withEnabled(chain: ChainData, id: string, on: boolean): ChainData {
  return withCard(chain, id, { enabled: on });
}

export function withCard(chain: ChainData, id: string, changed: Partial<HookCard>): ChainData {
  return mapPointOf(chain, id, (lane) => ({ ...lane, hooks: lane.hooks.map((h) => (h.id === id ? { ...h, ...changed } : h)) }));
}

export function withoutHook(chain: ChainData, id: string): ChainData {
  return mapPointOf(chain, id, (lane) => ({ ...lane, hooks: lane.hooks.filter((h) => h.id !== id) }));
}

function mapPointOf(chain: ChainData, id: string, change: (lane: LaneData) => LaneData): ChainData {
  const points = chain.points.map((point) =>
    hooksOf(point).some((h) => h.id === id) ? renumbered({ ...point, lanes: point.lanes.map(change) }) : point,
  );
  return { ...chain, points };
}

function renumbered(point: ChainPoint): ChainPoint {
  if (point.shape === "onion") return point; // the bench numbers an onion in the order of running; its frame follows at once
  let position = 0;
  const lanes = point.lanes.map((lane) => ({
    ...lane,
    hooks: lane.hooks.map((h) => ({ ...h, position: h.enabled ? ++position : null })),
  }));
  return { ...point, lanes };
}
