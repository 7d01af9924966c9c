/** The JupyterLab extension: a sidebar of benches, benches as tabs, launcher and palette entries. */
import { ILabShell, ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, MainAreaWidget, WidgetTracker } from "@jupyterlab/apputils";
import { ILauncher } from "@jupyterlab/launcher";
import { Api } from "./api.js";
import { addCommands, CATEGORY, Commands } from "./commands.js";
import { labHost } from "./host.js";
import { insertCell } from "./notebook.js";
import { DIALECTS, Servers } from "./servers.js";
import { BenchTab, hookIcon, SidebarWidget } from "./widgets.js";

/** What widgets in the same page may ask of JupyterLab; `src/widget/host.ts` looks here. */
const SERVICES = Symbol.for("hook-workbench.lab");

const plugin: JupyterFrontEndPlugin<void> = {
  id: "hook-workbench:plugin",
  description: "Hook benches over all kernels: a sidebar, tabs, and commands.",
  autoStart: true,
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, ILauncher],
  activate,
};

function activate(app: JupyterFrontEnd, shell: ILabShell | null, restorer: ILayoutRestorer | null, palette: ICommandPalette | null, launcher: ILauncher | null): void {
  const api = new Api(app.serviceManager.serverSettings);
  const servers = new Servers(api);
  const tracker = new WidgetTracker<MainAreaWidget<BenchTab>>({ namespace: "hook-workbench" });
  const intoCell = (code: string) => insertCell(app, code);
  Object.assign(globalThis, { [SERVICES]: { insertCell: intoCell } });
  if (!shell) return; // Notebook 7 has one document to a page: benches are shown by its cells

  const open = (id: string, name: string) => {
    const known = tracker.find((tab) => tab.content.benchId === id);
    if (known) return app.shell.activateById(known.id);
    const content = new BenchTab(id, name, labHost(api, id, intoCell));
    const tab = new MainAreaWidget({ content });
    tab.id = `workbench-tab-${id}`;
    tab.title.icon = hookIcon;
    tab.toolbar.hide();
    app.shell.add(tab, "main");
    void tracker.add(tab);
    app.shell.activateById(tab.id);
  };

  const sidebar = new SidebarWidget(servers, {
    open: (row) => open(row.id, row.name),
    create: (dialect) => void app.commands.execute(Commands.create, { dialect }),
  });
  app.shell.add(sidebar, "left", { rank: 450, type: "Hook benches" });
  addCommands({ app, servers, open, showSidebar: () => shell.activateById(sidebar.id) });
  offer(palette, launcher);
  restore(restorer, tracker, sidebar);
}

function offer(palette: ICommandPalette | null, launcher: ILauncher | null): void {
  for (const command of Object.values(Commands)) palette?.addItem({ command, category: CATEGORY, args: command === Commands.create ? { isPalette: true } : {} });
  DIALECTS.forEach((dialect, rank) => launcher?.add({ command: Commands.create, category: CATEGORY, rank, args: { dialect, isLauncher: true } }));
}

function restore(restorer: ILayoutRestorer | null, tracker: WidgetTracker<MainAreaWidget<BenchTab>>, sidebar: SidebarWidget): void {
  restorer?.add(sidebar, "workbench-sidebar");
  void restorer?.restore(tracker, {
    command: Commands.open,
    args: (tab) => ({ id: tab.content.benchId, name: tab.content.title.label }),
    name: (tab) => tab.content.benchId,
  });
}

export default plugin;
