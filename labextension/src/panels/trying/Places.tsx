/** The choice of a point, or chain, and of a hook there. */
import { useSignal } from "@preact/signals";
import type { PlaceData } from "../../core/trying-data.js";
import { useStore } from "../context.js";
import { Choice, type Option } from "./form.js";

interface PlacesProps {
  /** What is meant without a point; null: one must be chosen. */
  anywhere: string | null;
  onPoint?: (place: PlaceData | null) => void;
}

export function Places({ anywhere, onPoint }: PlacesProps) {
  const points = useStore().trying.places.value;
  const picked = useSignal<string | null>(null);
  const hook = useSignal("");
  const point = points.find((one) => one.name === picked.value) ?? (anywhere === null ? usual(points) : null);
  const hooks = hooksOf(point ? [point] : points, point !== null);
  const pick = (name: string) => {
    picked.value = name;
    hook.value = "";
    onPoint?.(points.find((one) => one.name === name) ?? null);
  };
  return (
    <>
      <Choice name="point" label="At point" value={point?.name ?? ""} options={[...(anywhere === null ? [] : [{ value: "", text: anywhere }]), ...points.map((one) => ({ value: one.name, text: one.name }))]} onPick={pick} />
      <Choice name="hook" label="Hook" value={hook.value} options={[{ value: "", text: "the whole event" }, ...hooks]} onPick={(id) => (hook.value = id)} />
    </>
  );
}

/** Without a word for any of them, the first point that has hooks is chosen: events come there sooner than elsewhere. */
export const usual = (points: readonly PlaceData[]): PlaceData | null => points.find((one) => one.hooks.some((hook) => hook.on)) ?? points[0] ?? null;

/** Each hook once, by its name; those of all points under the list that each stands in. */
function hooksOf(points: readonly PlaceData[], alone: boolean): Option[] {
  const seen = new Map(points.flatMap((point) => point.hooks.map((hook) => [hook.id, hook] as const)));
  return [...seen.values()].map((hook) => ({
    value: hook.id,
    text: hook.on ? hook.name : `${hook.name} (off)`,
    ...(alone && points[0]?.hooks.every((one) => one.where === hook.where) ? {} : { group: hook.where }),
  }));
}
