/** Lumino widgets around the panels. They render when attached, and let go of everything when disposed. */
import { LabIcon } from "@jupyterlab/ui-components";
import type { Message } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import { h, render } from "preact";
import { BenchStore } from "../core/store.js";
import type { Host } from "../core/host.js";
import { Bench } from "../panels/Bench.js";
import { Sidebar, type SidebarActions } from "./Sidebar.js";
import type { Servers } from "./servers.js";

// Drawn here, not taken from anybody's input; JupyterLab wants its icons as text.
const HOOK =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" fill="none" stroke="var(--jp-inverse-layout-color3, #616161)" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"><g class="jp-icon-none"><circle cx="10.5" cy="3.5" r="1.5"/><path d="M10.5 5v5a3.3 3.3 0 0 1-6.6 0V8.2M2.2 10l1.7-1.9L5.8 10"/></g></svg>';
export const hookIcon = new LabIcon({ name: "hook-workbench:hook", svgstr: HOOK });

export class BenchTab extends Widget {
  readonly store: BenchStore;

  constructor(readonly benchId: string, name: string, host: Host) {
    super();
    this.id = `workbench-${benchId}`;
    this.addClass("jp-HookWorkbench");
    this.title.label = name;
    this.title.caption = `Hook bench ${name}`;
    this.title.icon = hookIcon;
    this.title.closable = true;
    this.store = new BenchStore(host);
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    render(h(Bench, { store: this.store, panel: "bench", fill: true }), this.node);
  }

  protected override onBeforeDetach(message: Message): void {
    render(null, this.node);
    super.onBeforeDetach(message);
  }

  override dispose(): void {
    this.store.dispose();
    super.dispose();
  }
}

export class SidebarWidget extends Widget {
  constructor(private readonly servers: Servers, private readonly actions: SidebarActions) {
    super();
    this.id = "workbench-sidebar";
    this.addClass("jp-HookWorkbench");
    this.title.caption = "Hook benches";
    this.title.icon = hookIcon;
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    render(h(Sidebar, { servers: this.servers, actions: this.actions }), this.node);
  }

  /** Hidden, it neither renders nor polls. */
  protected override onBeforeHide(message: Message): void {
    render(null, this.node);
    super.onBeforeHide(message);
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) this.onAfterShow(message);
  }

  protected override onBeforeDetach(message: Message): void {
    render(null, this.node);
    super.onBeforeDetach(message);
  }
}
