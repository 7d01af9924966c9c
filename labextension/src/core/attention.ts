/** What the views of one store show, and how attentively: the most attentive decides how often the bench sends. */
import type { Pace, ViewName } from "./protocol.js";

export class Attention {
  private readonly shown = new Map<number, { views: readonly ViewName[]; pace: Pace }>();
  /** Everything that was ever shown; what nobody shows any more is paced as hidden. */
  readonly watched = new Set<ViewName>();

  set(owner: number, views: readonly ViewName[], pace: Pace): void {
    this.shown.set(owner, { views, pace });
    for (const view of views) this.watched.add(view);
  }

  drop(owner: number): void {
    this.shown.delete(owner);
  }

  paceOf(view: ViewName): Pace {
    const wanted = [...this.shown.values()].filter(({ views }) => views.includes(view)).map(({ pace }) => pace);
    return (["focused", "visible"] as const).find((pace) => wanted.includes(pace)) ?? "hidden";
  }
}
