/** The bench: all panels, in the layout that the width allows; its keys, and its voice. */
import type { Signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { BenchStore } from "../core/store.js";
import type { Pace, ViewName } from "../core/protocol.js";
import { Banner, Notice } from "./Banner.js";
import { ChainPanel } from "./chain/ChainPanel.js";
import { ConsolePanel } from "./Console.js";
import { AloneContext, KeptContext, LayoutContext, layoutFor, ShowContext, StoreContext, useEditing, useKept, useStore, ViewContext, type Layout } from "./context.js";
import { DocumentsPanel } from "./Documents.js";
import { Events } from "./Events.js";
import { Header, Toolbar } from "./Header.js";
import { History } from "./History.js";
import { Inspector } from "./Inspector.js";
import { benchKeys, goTo } from "./keys.js";
import { usePace } from "./pace.js";
import { Side, SIDES } from "./Side.js";
import { SourcePanel } from "./source/SourcePanel.js";
import { Timeline } from "./Timeline.js";
import { Breakpoints } from "./trying/Breakpoints.js";
import { Faults } from "./trying/Faults.js";
import { Traffic } from "./trying/Traffic.js";
import { TryingBanner } from "./trying/TryingBanner.js";
import { useWidth } from "./width.js";

export type PanelName = "bench" | "chain" | "events" | "inspector" | "console" | "history" | "timeline" | "stats" | "lints" | "faults" | "breakpoints" | "traffic" | "documents";

interface BenchProps {
  store: BenchStore;
  panel: PanelName;
  /** The panel fills its container's height, as a JupyterLab tab; else it has the height of the mock. */
  fill: boolean;
}

const SINGLE: Record<Exclude<PanelName, "bench">, ViewName[]> = {
  chain: ["header", "chain", "source"],
  events: ["header", "events", "history"],
  inspector: ["header", "events", "inspector"],
  console: ["header", "console"],
  history: ["header", "history"],
  timeline: ["header", "timeline", "story", "inspector"],
  stats: ["header", "stats"],
  lints: ["header", "lints"],
  faults: ["header", "chain", "faults"],
  breakpoints: ["header", "chain", "breakpoints"],
  traffic: ["header", "traffic"],
  documents: ["header", "documents"],
};
const ALL: ViewName[] = ["header", "chain", "events", "inspector", "console", "history", "timeline", "story", "stats", "lints", "faults", "breakpoints", "traffic", "documents", "source"];

let views = 0;

export function Bench({ store, panel, fill }: BenchProps) {
  const root = useRef<HTMLDivElement>(null);
  const layout = useWidth<Layout>(root, "wide", layoutFor);
  const pace = usePace(root);
  useEffect(() => store.start(), [store]);
  const view = useMemo(() => ++views, []);
  const kept = useMemo(() => new Map<string, Signal<unknown>>(), []);
  useEffect(() => store.show(view, panel === "bench" ? ALL : SINGLE[panel], pace), [store, panel, pace]);
  useEffect(() => () => store.hide(view), [store]);
  return (
    <StoreContext.Provider value={store}>
      <ViewContext.Provider value={view}>
        <LayoutContext.Provider value={layout}>
        <KeptContext.Provider value={kept}>
        <div
          ref={root}
          class={`wb ${layout}${fill ? " fill" : ""}${store.frozen.value ? " frozen" : ""}${store.header.value?.events === 0 ? " fresh" : ""}${panel === "bench" ? "" : " single"}`}
          role="region"
          aria-label={`Hook bench ${store.header.value?.name ?? ""}`.trim()}
          lang="en"
          data-lm-suppress-shortcuts="true"
          onKeyDown={(event) => benchKeys(event, store, root.current, view)}
        >
          {panel === "bench" ? <Whole layout={layout} root={root} /> : <Single panel={panel} />}
          <Voice />
        </div>
        </KeptContext.Provider>
        </LayoutContext.Provider>
      </ViewContext.Provider>
    </StoreContext.Provider>
  );
}

function Whole({ layout, root }: { layout: Layout; root: { current: HTMLElement | null } }) {
  const tab = useKept<Tab>("tab", "inspector");
  const side = useKept<string>("side", "stats");
  const store = useStore();
  const empty = (store.header.value?.events ?? 0) === 0;
  useEffect(() => {
    if (empty) tab.value = "console";
  }, []);
  const show = (panel: Tab) => {
    tab.value = panel;
    if (SIDES.some(({ name }) => name === panel)) side.value = panel;
  };
  const onHistory = () => {
    tab.value = "history";
    goTo(root.current, "history");
  };
  return (
    <ShowContext.Provider value={show}>
      <Header />
      <Banner />
      <TryingBanner />
      <Toolbar onHistory={onHistory} />
      <Notice />
      <Panels layout={layout} tab={tab.value} onTab={show} />
      {layout === "narrow" ? null : <TryRow />}
    </ShowContext.Provider>
  );
}

/** Folded until somebody wants to break or load the bench. */
function TryRow() {
  const open = useKept<"faults" | "breakpoints" | "traffic" | null>("try", null);
  return (
    <>
      <div class="tryrow" role="group" aria-label="Try it out">
        {(["faults", "breakpoints", "traffic"] as const).map((name) => (
          <button type="button" class="btn" aria-expanded={open.value === name} onClick={() => (open.value = open.value === name ? null : name)}>
            {name[0]!.toUpperCase() + name.slice(1)}
          </button>
        ))}
      </div>
      {open.value === null ? null : panelOf(open.value)}
    </>
  );
}

type Tab = "inspector" | "events" | "console" | "history" | "timeline" | "stats" | "lints" | "faults" | "breakpoints" | "traffic" | "documents";
const TABS: readonly (readonly [Tab, string])[] = [["inspector", "Inspector"], ["events", "Events"], ["console", "Console"], ["timeline", "Timeline"], ["stats", "Stats"], ["lints", "Lints"], ["faults", "Faults"], ["breakpoints", "Breakpoints"], ["traffic", "Traffic"], ["history", "In Python"], ["documents", "Documents"]];

function Panels({ layout, tab, onTab }: { layout: Layout; tab: Tab; onTab: (tab: Tab) => void }) {
  const documents = useStore().header.value?.documents ?? false;
  const source = useEditing() ? <SourcePanel /> : null;
  if (layout === "narrow")
    return (
      <div class="one">
        <ChainPanel />
        {source}
        <div class="ph tabrow"><TabList tab={tab} onTab={onTab} /></div>
        <div role="tabpanel" aria-label={tab} class="tabbody">{panelOf(tab)}</div>
      </div>
    );
  if (layout === "stack") return <div class="one"><ChainPanel />{source}<Events /><Inspector /><Timeline /><Side />{documents ? <DocumentsPanel /> : null}<ConsolePanel /><History /></div>;
  const mid = layout === "mid";
  return (
    <>
      <div class={`grid top${source ? " editing" : ""}`}>
        <ChainPanel />
        {mid ? <div class="pn both">{source ?? <Events />}<Inspector /></div> : <>{source ?? <Events />}<Inspector /></>}
      </div>
      <div class="grid w t"><Timeline /><Side /></div>
      {documents ? <DocumentsPanel /> : null}
      <div class="grid w br"><ConsolePanel /><History /></div>
    </>
  );
}

function TabList({ tab, onTab }: { tab: Tab; onTab: (tab: Tab) => void }) {
  const store = useStore();
  return (
    <div class="tabs" role="tablist" aria-label="Panels">
      {TABS.filter(([name]) => name !== "documents" || store.header.value?.documents).map(([name, label]) => (
        <button type="button" role="tab" aria-selected={tab === name} onClick={() => onTab(name)}>
          {label}
          {name === "events" && store.news.value ? <span class="cnt">{store.news.value} new</span> : null}
        </button>
      ))}
    </div>
  );
}

function panelOf(tab: Tab | "chain") {
  switch (tab) {
    case "chain":
      return <ChainPanel />;
    case "events":
      return <Events />;
    case "inspector":
      return <Inspector />;
    case "console":
      return <ConsolePanel />;
    case "timeline":
      return <Timeline />;
    case "stats":
    case "lints":
      return <Side key={tab} only={tab} />;
    case "faults":
      return <Faults />;
    case "breakpoints":
      return <Breakpoints />;
    case "traffic":
      return <Traffic />;
    case "documents":
      return <DocumentsPanel />;
    default:
      return <History />;
  }
}

function Single({ panel }: { panel: Exclude<PanelName, "bench"> }) {
  const editing = useEditing();
  return (
    <AloneContext.Provider value={true}>
      <Banner />
      <Notice />
      <div class={`one${editing ? " editing" : ""}`}>{panelOf(panel)}{editing ? <SourcePanel /> : null}</div>
    </AloneContext.Provider>
  );
}

/** The polite live region. Gestures speak at once; nothing else does, so it never chatters. */
function Voice() {
  const store = useStore();
  const { text, n } = store.said.value;
  return <div class="vh" role="status" aria-live="polite" data-voice={n}>{text}{n % 2 ? "\u00a0" : ""}</div>;
}

export type { Pace };
