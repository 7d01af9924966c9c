/** What the timeline, the stats, the lints and the comparison show: the newest frame of each view, and what was asked of it. */
import { signal } from "@preact/signals";
import type { DocumentsData } from "./documents-data.js";
import type { LintsData, StatsData, StoryData, TimelineData } from "./insight-data.js";
import type { InspectorData, ViewName } from "./protocol.js";
import type { BenchStore } from "./store.js";

export class Insights {
  readonly timeline = signal<TimelineData | null>(null);
  readonly story = signal<StoryData | null>(null);
  readonly stats = signal<StatsData | null>(null);
  readonly lints = signal<LintsData | null>(null);
  readonly documents = signal<DocumentsData | null>(null);
  /** The revisions that the stats show: all and none, or one, or one beside another. */
  readonly compared = signal<{ revision?: number; against?: number }>({});
  /** The event that is kept beside the selected one. */
  readonly beside = signal<InspectorData | null>(null);

  constructor(private readonly store: BenchStore) {}

  /** Take a frame. A paused view keeps what it shows; recording goes on. */
  frame(view: ViewName, data: unknown): void {
    const paused = this.store.paused.value;
    if (view === "timeline") {
      if (!paused && !(data as TimelineData | null)?.wrong) this.timeline.value = data as TimelineData;
    }
    else if (view === "story" && (!paused || this.store.selected.value !== "latest")) this.story.value = data as StoryData | null;
    else if (view === "stats") this.stats.value = data as StatsData;
    else if (view === "lints") this.lints.value = data as LintsData;
    else if (view === "documents") this.documents.value = data as DocumentsData;
  }

  /** Keep an event beside the selected one; null lets it go. */
  async keepBeside(dispatch: number | null): Promise<void> {
    if (dispatch === null) this.beside.value = null;
    else
      await this.store.channel.request({ op: "ask", what: "event", dispatch }).then(
        (answer) => (this.beside.value = answer.data as InspectorData | null),
        (error: unknown) => (this.store.notice.value = error instanceof Error ? error.message : String(error)),
      );
  }

  compare(revision: number | undefined, against: number | undefined): void {
    this.compared.value = { ...(revision === undefined ? {} : { revision }), ...(against === undefined ? {} : { against }) };
    this.store.rewatch("stats");
  }
}
