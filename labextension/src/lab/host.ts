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
    // Asked first, so that a bench that is stopped or gone is told by its own reason and not by a failed handshake.
    connectors: async () => ((await api.describe(id)).state === "stopped" ? [] : [proxyConnector(wsBase, id, api.socket)]),
    diagnose: async () => diagnose(await api.list(), id),
    start: async () => void (await api.start(id)),
    clientUrl: (path) => `${wsBase}workbench/servers/${encodeURIComponent(id)}/${path.replace(/^\//, "")}`,
    insertCell,
  };
}
