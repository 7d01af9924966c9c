/** Rows that leave the list hand their elements to those that come: under a flood nothing is built anew, only rewritten. */
import { useRef } from "preact/hooks";

export class Slots {
  private of = new Map<number, number>();

  /** A key for each id: its old one where it stays, else one that has become free, else a new one. */
  keys(ids: readonly number[]): number[] {
    const kept = new Map<number, number>();
    for (const id of ids) {
      const slot = this.of.get(id);
      if (slot !== undefined) kept.set(id, slot);
    }
    const taken = new Set(kept.values());
    let next = 0;
    const keys = ids.map((id) => {
      const known = kept.get(id);
      if (known !== undefined) return known;
      while (taken.has(next)) next++;
      taken.add(next);
      kept.set(id, next);
      return next;
    });
    this.of = kept;
    return keys;
  }
}

export function useSlots(ids: readonly number[]): number[] {
  const slots = useRef<Slots | null>(null);
  slots.current ??= new Slots();
  return slots.current.keys(ids);
}
