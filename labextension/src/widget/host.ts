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
const GONE: Diagnosis = { kind: "gone", sentence: "Its kernel was restarted or shut down; run the bench’s cell again to start it." };
let extension: Promise<boolean> | null = null;

export function widgetHost(model: WidgetModel): Host {
  const page = jupyterPage();
  const id = () => String(model.get("bench_id") ?? "");
  const lab = (globalThis as Record<symbol, unknown>)[LAB] as LabServices | undefined;
  const comm = new Comm(model);
  const host: Host = {
    face: "widget",
    connectors: () => connectors(comm, page, id()),
    diagnose: async () => (comm.closed ? GONE : page && (await hasExtension(page)) ? inJupyter(page, id()) : null),
  };
  if (page && id()) {
    const path = encodeURIComponent(id());
    host.start = async () => void (await jupyterJson(page, `workbench/api/servers/${path}/start`, { method: "POST" }));
    host.clientUrl = (at) => `${page.wsUrl}workbench/servers/${path}/${at.replace(/^\//, "")}`;
  }
  if (lab) host.insertCell = (code) => lab.insertCell(code);
  return host;
}

/** The model's comm; once the kernel is gone, sending on it throws for ever. */
class Comm implements CommModel {
  closed = false;

  constructor(private readonly model: CommModel) {}

  send(content: unknown): void {
    try {
      this.model.send(content);
      this.closed = false;
    } catch (error) {
      this.closed = true;
      throw error;
    }
  }

  on(event: "msg:custom", callback: (content: unknown) => void): void {
    this.model.on(event, callback);
  }

  off(event: "msg:custom", callback: (content: unknown) => void): void {
    this.model.off(event, callback);
  }
}

async function connectors(comm: CommModel, page: JupyterPage | null, id: string): Promise<Connector[]> {
  const ways: Connector[] = [];
  if (page && id && (await hasExtension(page)) && (await listens(page, id))) ways.push(proxyConnector(page.wsUrl, id));
  if (onLoopback()) ways.push(directConnector(() => askGrant(comm)));
  ways.push(commConnector(comm));
  return ways;
}

/** Whether this Jupyter server runs the workbench's extension; asked once per page. */
function hasExtension(page: JupyterPage): Promise<boolean> {
  extension ??= jupyterJson(page, "workbench/api/version").then(() => true, () => false);
  return extension;
}

/** Whether the bench listens: a stopped one has no side socket to try. */
function listens(page: JupyterPage, id: string): Promise<boolean> {
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
