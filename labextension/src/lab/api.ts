/** The REST interface of the server extension, with JupyterLab's own login. */
import { URLExt } from "@jupyterlab/coreutils";
import { ServerConnection } from "@jupyterlab/services";
import type { ServerRow } from "../core/diagnose.js";
import { PROTOCOL } from "../core/protocol.js";

export interface Wanted {
  dialect: string;
  kernel?: string;
  path?: string;
  name?: string;
  port?: number;
}

export class Api {
  constructor(readonly settings: ServerConnection.ISettings) {}

  private async ask(path: string, init: RequestInit = {}): Promise<unknown> {
    const url = URLExt.join(this.settings.baseUrl, "workbench", path);
    const response = await ServerConnection.makeRequest(url, init, this.settings);
    if (!response.ok) throw await ServerConnection.ResponseError.create(response);
    return response.status === 204 ? null : ((await response.json()) as unknown);
  }

  /** One sentence when this page and the server do not fit one another, else null. */
  async mismatch(): Promise<string | null> {
    try {
      const { channel, version } = (await this.ask("api/version")) as { channel: number; version: string };
      if (channel === PROTOCOL) return null;
      return `The server extension (${version}) speaks channel version ${channel}, this page ${PROTOCOL}: upgrade hook-workbench where Jupyter runs, restart it, and reload the page.`;
    } catch (error) {
      if (error instanceof ServerConnection.ResponseError && error.response.status === 404)
        return "This Jupyter server does not run the workbench's extension: install hook-workbench where Jupyter runs, then restart it.";
      return messageOf(error);
    }
  }

  async list(): Promise<ServerRow[]> {
    return (await this.ask("api/servers")) as ServerRow[];
  }

  async describe(id: string): Promise<ServerRow> {
    return (await this.ask(`api/servers/${encodeURIComponent(id)}`)) as ServerRow;
  }

  async create(wanted: Wanted): Promise<ServerRow> {
    return (await this.ask("api/servers", { method: "POST", body: JSON.stringify(wanted) })) as ServerRow;
  }

  async start(id: string): Promise<ServerRow> {
    return (await this.ask(`api/servers/${encodeURIComponent(id)}/start`, { method: "POST" })) as ServerRow;
  }

  async stop(id: string): Promise<void> {
    await this.ask(`api/servers/${encodeURIComponent(id)}`, { method: "DELETE" });
  }

  /** A WebSocket of the proxy, with the token where the page was given one. */
  socket = (url: string): WebSocket => {
    const { settings } = this;
    const withToken = settings.appendToken && settings.token ? `${url}?token=${encodeURIComponent(settings.token)}` : url;
    return new settings.WebSocket(withToken);
  };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
