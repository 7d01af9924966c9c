/** A JupyterLab tab as a host: the side socket through Jupyter's proxy, and REST where the bench is stopped. */
import { URLExt } from "@jupyterlab/coreutils";
import { diagnose } from "../core/diagnose.js";
import type { Host } from "../core/host.js";
import { proxyConnector } from "../core/links.js";
import type { Api } from "./api.js";

export function labHost(api: Api, id: string, insertCell: (code: string) => boolean): Host {
  const wsBase = URLExt.join(api.settings.wsUrl, "/").replace(/\/*$/, "/");
  return {
    face: "lab",
    connectors: () => [proxyConnector(wsBase, id, api.socket)],
    diagnose: async () => diagnose(await api.list(), id),
    start: async () => void (await api.start(id)),
    clientUrl: (path) => `${wsBase}workbench/servers/${encodeURIComponent(id)}/${path.replace(/^\//, "")}`,
    insertCell,
  };
}
