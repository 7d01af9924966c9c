/** One bench as its panels see it: the newest frame of each view, what is selected, and the gestures. */
import { batch, computed, signal } from "@preact/signals";
import { Attention } from "./attention.js";
import { Channel, Refused, type ChannelState } from "./channel.js";
import { Console } from "./console.js";
import { Edits } from "./edits.js";
import type { Diagnosis, Host } from "./host.js";
import { Insights } from "./insights.js";
import { EventList } from "./list.js";
import type { ConsoleData, EventsData, HeaderData, HistoryData, InspectorData, Pace, ViewName, Views } from "./protocol.js";
import { Round } from "./round.js";
import { Sources } from "./sources.js";
import { Trying } from "./trying.js";

export type Standing = "connecting" | "ready" | "live" | "stopped" | "failed" | "lost" | "gone";
export class BenchStore {
  readonly link = signal<ChannelState>({ phase: "connecting" });
  readonly diagnosis = signal<Diagnosis | null>(null);
  readonly header = signal<HeaderData | null>(null);
  readonly events = signal<EventsData | null>(null);
  readonly inspector = signal<InspectorData | null>(null);
  readonly history = signal<HistoryData | null>(null);
  /** The views of which a frame has come, be it one that holds nothing. */
  readonly arrived = signal<ReadonlySet<ViewName>>(new Set());
  readonly insights: Insights;
  readonly console: Console;
  readonly edits: Edits;
  readonly trying = new Trying(this);
  readonly sources = new Sources(this);
  readonly round: Round;

  /** The event under inspection; "latest" follows what arrives. */
  readonly selected = signal<number | "latest">("latest");
  readonly paused = signal(false);
  /** Which of the events are in sight. */
  readonly list = new EventList(this);
  /** The filter in words, as typed. */
  readonly query = signal("");
  /** What is wrong with it, once the bench has said so. */
  readonly wrong = signal<EventsData["wrong"]>(null);
  readonly newestTotal = signal(0);
  /** How many events there were when the live end was last drawn. */
  private readonly drawnTotal = signal(0);
  readonly news = computed(() => Math.max(0, this.newestTotal.value - this.drawnTotal.value));
  readonly pickedHook = signal<string | null>(null);
  /** What the polite live region says; the counter makes a repeat heard. */
  readonly said = signal<{ text: string; n: number }>({ text: "", n: 0 });
  readonly notice = signal<string | null>(null);
  /** The open palette: for which point, in which of the views that show this store. */
  readonly palette = signal<{ point: string | null; view: number } | null>(null);

  readonly standing = computed<Standing>(() => this.judged());
  readonly frozen = computed(() => this.standing.value === "gone");
  readonly editable = computed(() => this.link.value.phase === "open");

  readonly channel: Channel;
  /** The newest frames, shown or not. */
  private behind: EventsData | null = null;
  private inspected: InspectorData | null | undefined;
  private readonly attention = new Attention();
  private watching = 0;

  constructor(readonly host: Host) {
    this.round = new Round();
    this.channel = new Channel({
      face: host.face,
      connectors: () => host.connectors(),
      onState: (state) => this.linkChanged(state),
      onFrame: (view, data) => this.frame(view, data),
      onBye: (reason) => this.bye(reason),
      painted: (done) => this.round.painted(done),
    });
    this.edits = new Edits(this);
    this.console = new Console(this);
    this.insights = new Insights(this);
  }

  /** Begin to connect; the first panel that is mounted calls it. */
  start(): void {
    if (this.watching++ === 0) {
      void this.channel.connect();
      this.round.start(this);
    }
  }

  dispose(): void {
    this.round.stop();
    this.console.dispose();
    this.sources.keeping.dispose();
    this.channel.dispose();
  }

  private judged(): Standing {
    const link = this.link.value;
    if (link.phase === "open") {
      const state = this.header.value?.state;
      return state === "live" || state === "stopped" || state === "failed" ? state : state === "ready" ? "ready" : "connecting";
    }
    const known = this.diagnosis.value?.kind;
    if (known === "gone" || known === "stopped") return known;
    return link.phase === "lost" ? "lost" : "connecting";
  }

  private linkChanged(state: ChannelState): void {
    batch(() => {
      this.link.value = state;
      if (state.phase === "open") this.diagnosis.value = null;
    });
    if (state.phase === "open") this.sources.keeping.linked();
    if (state.phase === "lost") void this.host.diagnose?.().then((found) => this.diagnosed(found), () => {});
  }

  private diagnosed(found: Diagnosis | null): void {
    if (this.link.value.phase !== "open") this.diagnosis.value = found;
  }

  private bye(reason: string): void {
    this.notice.value = reason;
  }

  private frame<V extends ViewName>(view: V, data: Views[V]): void {
    batch(() => {
      if (!this.arrived.value.has(view)) this.arrived.value = new Set(this.arrived.value).add(view);
      switch (view) {
        case "header": this.headerFrame(data as HeaderData); break;
        case "chain": this.edits.frame(data as Views["chain"]); break;
        case "source": this.sources.frame(data as Views["source"]); break;
        case "events": this.eventsFrame(data as EventsData); break;
        case "inspector":
          this.inspected = data as InspectorData | null;
          this.catchUp();
          break;
        case "console": this.console.frame(data as ConsoleData); break;
        case "history": this.history.value = data as HistoryData; break;
        default:
          if (!this.trying.frame(view, data)) this.insights.frame(view, data);
      }
    });
  }

  private headerFrame(data: HeaderData): void {
    const was = this.header.value?.state;
    this.header.value = data;
    const started = (data.state === "ready" || data.state === "live") && was !== "ready" && was !== "live";
    if (started && this.link.value.phase === "open" && this.link.value.kind === "comm") void this.channel.connect();
    if (started) this.console.greet();
  }

  private eventsFrame(data: EventsData): void {
    this.newestTotal.value = data.total;
    this.wrong.value = data.wrong ?? null;
    if (data.wrong) return; // the last good rows stay
    if (!this.list.takes(data)) return;
    this.behind = data;
    this.catchUp();
  }

  /** Show the newest frames; a paused view only those of a list that stands still anyway. */
  private catchUp(): void {
    const standing = this.list.before.value !== null;
    if (this.behind && (standing || !this.paused.value)) {
      this.events.value = this.behind;
      if (!standing) this.drawnTotal.value = this.behind.total;
      this.behind = null;
      this.list.shown();
    }
    if (this.inspected !== undefined && (!this.paused.value || this.selected.value !== "latest")) this.inspector.value = this.inspected;
  }

  /** Watch what a view shows, at the pace of its visibility; of several views of this store the most attentive counts. */
  show(owner: number, views: readonly ViewName[], pace: Pace): void {
    this.attention.set(owner, views, pace);
    this.repace();
  }

  hide(owner: number): void {
    this.attention.drop(owner);
    this.repace();
  }

  private repace(): void {
    for (const view of this.attention.watched) this.rewatch(view);
  }

  private paramsOf(view: ViewName): Record<string, unknown> | undefined {
    if (view === "chain") return this.edits.params();
    if (view === "source") return this.sources.params();
    const query = this.query.value.trim() ? { query: this.query.value } : {};
    if (view === "inspector" || view === "story") return { dispatch: this.selected.value };
    if (view === "stats") return { ...this.insights.compared.value };
    const first = this.list.before.value === null ? undefined : this.list.inSight()[0];
    if (view === "timeline") return { ...query, ...(first ? { before: first.dispatch + 1 } : {}) };
    return view === "events" ? { ...this.list.params(), ...query } : undefined;
  }

  rewatch(view: ViewName): void {
    if (this.attention.watched.has(view)) this.channel.watch(view, this.attention.paceOf(view), this.paramsOf(view));
  }

  select(dispatch: number | "latest"): void {
    this.selected.value = dispatch;
    this.rewatch("inspector");
    this.rewatch("story");
  }

  setQuery(query: string): void {
    batch(() => {
      this.query.value = query;
      this.list.reset();
    });
    this.rewatch("events");
    this.rewatch("timeline");
  }

  pauseView(on: boolean): void {
    this.paused.value = on;
    if (!on && this.list.top.value === 0 && this.list.before.value !== null) this.list.follow();
    this.catchUp();
    this.say(on ? "View paused; the server goes on" : "View live");
  }

  say(text: string): void {
    this.said.value = { text, n: this.said.value.n + 1 };
  }

  /** Stop or start the server; a stopped one that carried the channel is started by the host. */
  async server(action: "start" | "stop"): Promise<void> {
    try {
      if (this.channel.open) await this.channel.request({ op: "server", do: action });
      else if (action === "start" && this.host.start) {
        await this.host.start();
        await this.channel.connect();
      }
    } catch (error) {
      // A server that stops takes the side socket with it, mostly before the answer: that is no failure.
      if (action === "start" || error instanceof Refused) this.notice.value = error instanceof Error ? error.message : String(error);
    }
  }
}
