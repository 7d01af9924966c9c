/** The notebook or console in front: its kernel, and new cells in it. Asked by shape, so that no editor comes into the bundle. */
import type { JupyterFrontEnd } from "@jupyterlab/application";

interface Session {
  session?: { kernel?: { id: string } | null } | null;
}

/** The id of the kernel of the newest notebook or console in use; null when there is none. */
export function currentKernel(app: JupyterFrontEnd): string | null {
  const widgets = [app.shell.currentWidget, ...app.shell.widgets("main")];
  for (const widget of widgets) {
    const context = (widget as { sessionContext?: Session; context?: { sessionContext?: Session } } | null) ?? {};
    const kernel = (context.sessionContext ?? context.context?.sessionContext)?.session?.kernel;
    if (kernel) return kernel.id;
  }
  return null;
}

interface NotebookLike {
  content?: {
    activeCell?: { model: { sharedModel: { setSource(text: string): void } } } | null;
    model?: { sharedModel?: unknown } | null;
    widgets?: unknown[];
  };
}

/** Put code into a new cell below the active one of the notebook in view. */
export function insertCell(app: JupyterFrontEnd, code: string): boolean {
  const notebook = [app.shell.currentWidget, ...app.shell.widgets("main")].find(
    (widget) => Boolean((widget as NotebookLike | null)?.content?.widgets && (widget as NotebookLike).content?.model),
  ) as (NotebookLike & { id: string }) | undefined;
  if (!notebook) return false;
  app.shell.activateById(notebook.id);
  void app.commands.execute("notebook:insert-cell-below").then(() => {
    notebook.content?.activeCell?.model.sharedModel.setSource(code);
  });
  return true;
}
