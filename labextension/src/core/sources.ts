/** The source editor of a bench: which hook is open, the drafts, and what the bench said of them. */
import { batch, computed, signal } from "@preact/signals";
import type { HookCard } from "./chain-data.js";
import { findHook } from "./chain-ops.js";
import { Keeping } from "./keeping.js";
import { differs, lineDiff } from "./lines.js";
import { isUnkept, Sheets, type Draft, type Sheet } from "./sheets.js";
import type { DiffLine, SourceData, SourceFrame, Verdict } from "./source-data.js";
import type { BenchStore } from "./store.js";
import { failedTrialOnly, toneOf, verdictWords, type Doing } from "./verdict.js";

export interface Difference {
  title: string;
  lines: DiffLine[];
}

export class Sources {
  /** The hook whose editor is open, and in which of the views that show this store. */
  readonly open = signal<{ hook: string; view: number } | null>(null);
  /** The open hook as the bench has it; null until it has said so. */
  readonly data = signal<SourceData | null>(null);
  /** The open hook is no longer there. */
  readonly gone = signal(false);
  readonly busy = signal<Doing | null>(null);
  readonly difference = signal<Difference | null>(null);
  private readonly sheets = new Sheets();
  readonly keeping: Keeping;

  private readonly sheet = computed(() => this.sheets.of(this.open.value?.hook ?? ""));
  readonly draft = computed(() => this.sheet.value.draft);
  readonly said = computed(() => this.sheet.value.said);
  readonly rival = computed(() => this.sheet.value.rival);
  /** Why this page alone has the draft; null: the bench has it. */
  readonly unkept = computed(() => this.keeping.why(this.open.value?.hook ?? ""));
  /** The draft as it stands was refused for its trial alone. */
  readonly onlyTrialFailed = computed(() => {
    const said = this.said.value;
    return said?.verdict ? failedTrialOnly(said.verdict) && said.text === this.text.value : false;
  });
  /** What the editor shows. */
  readonly text = computed(() => this.draft.value?.text ?? this.data.value?.text ?? "");
  /** The version that came meanwhile from elsewhere; null: none did. */
  readonly overtaken = computed(() => {
    const [draft, data] = [this.draft.value, this.data.value];
    return draft && data && this.busy.value === null && draft.version !== data.version ? data.version : null;
  });

  constructor(private readonly store: BenchStore) {
    this.keeping = new Keeping(store, this.sheets);
  }

  params(): Record<string, unknown> {
    return { hook: this.open.value?.hook ?? null };
  }

  edit(hook: string, view: number): void {
    batch(() => {
      if (this.open.value?.hook !== hook) this.forget();
      this.open.value = { hook, view };
    });
    this.store.rewatch("source");
  }

  private forget(): void {
    this.data.value = null;
    this.gone.value = false;
    this.difference.value = null;
  }

  /** The draft stays where it is, and is there again when the hook is opened again. */
  close(): void {
    batch(() => {
      this.open.value = null;
      this.forget();
    });
    this.store.rewatch("source");
  }

  frame(frame: SourceFrame): void {
    const open = this.open.value;
    if (!open) return;
    if (frame.hook === open.hook) {
      this.data.value = frame;
      this.gone.value = false;
      this.keeping.learn(open.hook, frame.draft);
      this.settle(open.hook);
    } else if (frame.hook === null) this.gone.value = findHook(this.store.edits.chain.value, open.hook) === null;
  }

  /** A draft that says what runs is none. */
  private settle(hook: string): void {
    const [draft, data] = [this.draftOf(hook), this.data.value];
    if (draft && data?.hook === hook && draft.text === data.text) this.change(hook, { draft: null });
  }

  draftOf(hook: string): Draft | null {
    return this.sheets.of(hook).draft;
  }

  /** How a hook's draft stands, and from which version it began; null: there is none. Who heard of it last is right. */
  standing({ id, draft: there }: HookCard): { text: "draft" | "draft refused"; version: number } | null {
    const sheet = this.sheets.of(id);
    const here = isUnkept(sheet) || (sheet.kept?.number ?? 0) >= (there?.number ?? 0);
    const version = here ? sheet.draft?.version : there?.version;
    if (version == null) return null;
    const refused = sheet.said?.tone === "bad" && sheet.said.text === sheet.draft?.text;
    return { text: refused ? "draft refused" : "draft", version };
  }

  private change(hook: string, what: Partial<Sheet>): void {
    this.sheets.change(hook, "draft" in what ? { ...what, refused: null } : what);
    this.keeping.changed(hook);
  }

  /** The text as it stands in the editor. */
  type(text: string): void {
    const data = this.data.value;
    if (!data || text === this.text.value) return;
    const draft = text === data.text ? null : { text, version: this.draft.value?.version ?? data.version };
    this.change(data.hook, { draft });
  }

  /** Back to what runs: the draft is given up. The editor's own undo still has it. */
  revert(): void {
    const data = this.data.value;
    if (!data) return;
    this.change(data.hook, { draft: null, said: null });
    this.difference.value = null;
  }

  /** Go on from the version that came meanwhile; applying the draft then replaces it. */
  keep(): void {
    const [draft, data] = [this.draft.value, this.data.value];
    if (draft && data) this.change(data.hook, { draft: { ...draft, version: data.version } });
  }

  /** Show what the draft here has other than that of another page. */
  compareRival(): void {
    const [draft, rival] = [this.draft.value, this.rival.value];
    if (rival) this.show("Your draft against the other page's", lineDiff(rival.text ?? "", draft?.text ?? ""));
  }

  /** Of two drafts go on with the one that was written here, or with the other page's. */
  choose(mine: boolean): void {
    const hook = this.open.value?.hook ?? "";
    if (mine) this.keeping.prefer(hook);
    else this.keeping.yield(hook);
  }

  check(): Promise<void> {
    return this.send("check");
  }

  apply(): Promise<void> {
    return this.send("apply");
  }

  /** Take the draft in although events fared ill with it. */
  applyAnyway(): Promise<void> {
    return this.send("apply", { anyway: true });
  }

  /** Make an earlier version the current one; it becomes a new one. */
  back(to: number): Promise<void> {
    return this.send("return", { to });
  }

  private async send(doing: Doing, more: { to?: number; anyway?: true } = {}): Promise<void> {
    const data = this.data.value;
    if (!data || this.busy.value || !data.editable) return;
    const text = this.text.value;
    const version = doing === "return" ? data.version : (this.draft.value?.version ?? data.version);
    const asked = { version, ...(doing === "return" ? {} : { text }), ...more };
    this.busy.value = doing;
    this.difference.value = null;
    this.change(data.hook, { said: null });
    try {
      const answer = await this.store.channel.request({ op: "source", do: doing, hook: data.hook, ...asked });
      // All at once: the editor follows the text, and must not see the old one between a draft and what it became.
      batch(() => this.judged(data, doing, text, answer.data as Verdict));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.change(data.hook, { said: { words: `Not done: ${reason}`, tone: "bad", verdict: null, text } });
    } finally {
      this.busy.value = null;
    }
  }

  private judged(data: SourceData, doing: Doing, text: string, verdict: Verdict): void {
    this.change(data.hook, { said: { words: verdictWords(verdict, doing, data.version), tone: toneOf(verdict, doing), verdict, text } });
    if (doing !== "apply" || !verdict.applied) return;
    const draft = this.draftOf(data.hook);
    // What was typed since goes on from what was applied; the rest is what runs now, whether its frame has come or not.
    if (draft && draft.text !== text) this.change(data.hook, { draft: { ...draft, version: verdict.version } });
    else {
      this.change(data.hook, { draft: null });
      if (this.data.value?.hook === data.hook && this.data.value.version < verdict.version) this.data.value = { ...this.data.value, text, version: verdict.version };
    }
  }

  /** Show what the draft changes of the version that runs. */
  compareDraft(): void {
    const [draft, data] = [this.draft.value, this.data.value];
    if (draft && data) this.show(`Your draft against version ${data.version}`, lineDiff(data.text, draft.text));
  }

  /** Show what became of a version until another, or until the current one. */
  async compare(from: number, to?: number): Promise<void> {
    const data = this.data.value;
    if (!data) return;
    try {
      const answer = await this.store.channel.request({ op: "source", do: "diff", hook: data.hook, from, ...(to === undefined ? {} : { to }) });
      this.show(`From version ${from} to ${to ?? data.version}`, (answer.data as { lines: DiffLine[] }).lines);
    } catch (error) {
      this.show(`Version ${from} is not to be had: ${error instanceof Error ? error.message : String(error)}`, []);
    }
  }

  private show(title: string, lines: DiffLine[]): void {
    this.difference.value = { title: lines.length === 0 || differs(lines) ? title : `${title}: no difference`, lines };
  }
}
