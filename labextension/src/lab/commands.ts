/** The commands, as JupyterLab knows them: `workbench:verb-noun`. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { ReadonlyPartialJSONObject } from "@lumino/coreutils";
import { hookIcon } from "./widgets.js";
import { currentKernel } from "./notebook.js";
import { DIALECTS, type Servers } from "./servers.js";

export const Commands = {
  create: "workbench:new-bench",
  open: "workbench:open-bench",
  start: "workbench:start-bench",
  stop: "workbench:stop-bench",
  sidebar: "workbench:show-sidebar",
  refresh: "workbench:refresh-benches",
} as const;

export const CATEGORY = "Hook workbench";

const ID = { type: "object", properties: { id: { type: "string", description: "Id of a bench, as api/servers lists it" }, name: { type: "string" } } };
const WANTED = {
  type: "object",
  properties: {
    dialect: { type: "string", description: "Which hook system the bench speaks" },
    kernel: { type: "string", description: "Kernel to start it in; else the one of the notebook in front, else a new one" },
    name: { type: "string" },
  },
};

export interface CommandParts {
  app: JupyterFrontEnd;
  servers: Servers;
  open(id: string, name: string): void;
  showSidebar(): void;
}

export function addCommands({ app, servers, open, showSidebar }: CommandParts): void {
  const { commands } = app;
  const text = (args: ReadonlyPartialJSONObject, key: string) => (typeof args[key] === "string" ? args[key] : undefined);
  const only = () => (servers.rows.value.length === 1 ? servers.rows.value[0]?.id : undefined);
  commands.addCommand(Commands.create, {
    label: (args) => (args["isLauncher"] || args["isPalette"] ? `New ${text(args, "dialect") ?? ""} bench`.replace("  ", " ") : "New bench"),
    caption: "Start a hook bench in the kernel of the notebook in front, or in a new kernel",
    icon: (args) => (args["isPalette"] ? undefined : hookIcon),
    describedBy: { args: WANTED },
    execute: async (args) => {
      const kernel = text(args, "kernel") ?? currentKernel(app) ?? undefined;
      const name = text(args, "name");
      const row = await servers.create({ dialect: text(args, "dialect") ?? DIALECTS[0], ...(kernel ? { kernel } : {}), ...(name ? { name } : {}) });
      if (row) open(row.id, row.name);
      else showSidebar(); // it says why
      return row;
    },
  });
  commands.addCommand(Commands.open, {
    label: "Open bench",
    describedBy: { args: ID },
    execute: (args) => {
      const id = text(args, "id") ?? only();
      if (id) open(id, text(args, "name") ?? id.split(".").pop() ?? id);
      else showSidebar();
    },
  });
  commands.addCommand(Commands.start, { label: "Start bench", describedBy: { args: ID }, execute: (args) => act(text(args, "id") ?? only(), (id) => servers.start(id)) });
  commands.addCommand(Commands.stop, { label: "Stop bench", describedBy: { args: ID }, execute: (args) => act(text(args, "id") ?? only(), (id) => servers.stop(id)) });
  commands.addCommand(Commands.sidebar, { label: "Show hook benches", icon: hookIcon, describedBy: { args: { type: "object" } }, execute: showSidebar });
  commands.addCommand(Commands.refresh, { label: "Refresh hook benches", describedBy: { args: { type: "object" } }, execute: () => servers.refresh() });

  async function act(id: string | undefined, does: (id: string) => Promise<unknown>): Promise<void> {
    if (id) await does(id);
    else showSidebar();
  }
}
