/** Where the page stands in a Jupyter server, if it does. */

export interface JupyterPage {
  baseUrl: string;
  wsUrl: string;
  token: string;
}

/** The page's own configuration, as every Jupyter front end leaves it in the document. */
export function jupyterPage(): JupyterPage | null {
  const element = document.getElementById("jupyter-config-data");
  const config = element?.textContent ? (JSON.parse(element.textContent) as Record<string, string>) : {};
  const base = config["baseUrl"] ?? document.body.dataset["baseUrl"];
  if (base === undefined || !location.protocol.startsWith("http")) return null;
  const baseUrl = new URL(base.endsWith("/") ? base : `${base}/`, location.href).href;
  return { baseUrl, wsUrl: baseUrl.replace(/^http/, "ws"), token: config["token"] ?? "" };
}

export async function jupyterJson(page: JupyterPage, path: string, init: RequestInit = {}): Promise<unknown> {
  const headers: Record<string, string> = { ...(page.token ? { Authorization: `token ${page.token}` } : {}) };
  const xsrf = /(?:^|;\s*)_xsrf=([^;]+)/.exec(document.cookie)?.[1];
  if (xsrf) headers["X-XSRFToken"] = decodeURIComponent(xsrf);
  const response = await fetch(page.baseUrl + path, { credentials: "same-origin", ...init, headers });
  if (!response.ok) throw new HttpError(response.status, await response.text().catch(() => ""));
  return response.status === 204 ? null : ((await response.json()) as unknown);
}

export class HttpError extends Error {
  constructor(readonly status: number, body: string) {
    super(messageOf(body) ?? `Jupyter answered ${status}`);
    this.name = "HttpError";
  }
}

function messageOf(body: string): string | null {
  try {
    const parsed = JSON.parse(body) as { message?: string; reason?: string };
    return parsed.message ?? parsed.reason ?? null;
  } catch {
    return null;
  }
}

export const onLoopback = () => ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
