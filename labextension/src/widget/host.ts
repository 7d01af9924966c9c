/** A notebook widget as a host: the side socket through Jupyter's proxy, straight on the loopback, or the comm. */
import { diagnose, type ServerRow } from "../core/diagnose.js";
import type { Connector } from "../core/channel.js";
import type { Diagnosis, Host } from "../core/host.js";
import { askGrant, commConnector, directConnector, proxyConnector, type CommModel } from "../core/links.js";
import { HttpError, jupyterJson, jupyterPage, onLoopback, type JupyterPage } from "./jupyter.js";

export interface WidgetModel extends CommModel {
  get(name: string): unknown;
}

/** What the JupyterLab extension leaves for widgets in the same page. */
interface LabServices {
  insertCell(code: string): boolean;
}

const LAB = Symbol.for("hook-workbench.lab");

export function widgetHost(model: WidgetModel): Host {
  const page = jupyterPage();
  const id = () => String(model.get("bench_id") ?? "");
  const lab = (globalThis as Record<symbol, unknown>)[LAB] as LabServices | undefined;
  const host: Host = { face: "widget", connectors: () => connectors(model, page, id()) };
  if (page) {
    host.diagnose = () => inJupyter(page, id());
    host.start = async () => void (await jupyterJson(page, `workbench/api/servers/${encodeURIComponent(id())}/start`, { method: "POST" }));
    if (id()) host.clientUrl = (path) => `${page.wsUrl}workbench/servers/${encodeURIComponent(id())}/${path.replace(/^\//, "")}`;
  }
  if (lab) host.insertCell = (code) => lab.insertCell(code);
  return host;
}

async function connectors(model: WidgetModel, page: JupyterPage | null, id: string): Promise<Connector[]> {
  const ways: Connector[] = [];
  if (page && id && (await answers(page, id))) ways.push(proxyConnector(page.wsUrl, id));
  if (onLoopback()) ways.push(directConnector(() => askGrant(model)));
  ways.push(commConnector(model));
  return ways;
}

/** Whether this Jupyter server has the extension, and the bench listens: a stopped one has no side socket to try. */
function answers(page: JupyterPage, id: string): Promise<boolean> {
  const asked = jupyterJson(page, `workbench/api/servers/${encodeURIComponent(id)}`) as Promise<ServerRow>;
  return asked.then((row) => row.state !== "stopped", () => false);
}

async function inJupyter(page: JupyterPage, id: string): Promise<Diagnosis | null> {
  try {
    return diagnose((await jupyterJson(page, "workbench/api/servers")) as ServerRow[], id);
  } catch (error) {
    if (error instanceof HttpError) return null;
    return { kind: "unreachable", sentence: "The Jupyter server does not answer; is it still running?" };
  }
}
