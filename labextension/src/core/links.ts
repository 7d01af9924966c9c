/** The links a channel can run over: a WebSocket (through Jupyter's proxy, or straight), and a widget's comm. */
import type { Connector, Link } from "./channel.js";
import type { Message } from "./protocol.js";

const OPEN_WITHIN = 4000;

/** A WebSocket that carries one JSON object per text frame. `hello` adds members to the first message, as a token. */
export function openSocket(url: string, make: (url: string) => WebSocket, hello: Record<string, unknown> = {}): Promise<Link> {
  return new Promise((resolve, reject) => {
    const socket = make(url);
    const timer = setTimeout(() => {
      reject(new Error("the side socket did not open in time"));
      socket.close();
    }, OPEN_WITHIN);
    const link: Link = {
      send(message) {
        if (socket.readyState === 1) socket.send(JSON.stringify(message.op === "hello" ? { ...message, ...hello } : message));
      },
      close: () => socket.close(1000),
      receive: () => {},
      closed: () => {},
    };
    let opened = false;
    socket.onopen = () => {
      clearTimeout(timer);
      opened = true;
      resolve(link);
    };
    socket.onmessage = (event) => {
      if (typeof event.data === "string") link.receive(JSON.parse(event.data) as Message);
    };
    socket.onclose = (event) => {
      clearTimeout(timer);
      const reason = event.reason || "the side socket was closed";
      if (opened) link.closed(reason);
      else reject(new Error(reason));
    };
  });
}

/** The side socket through Jupyter's proxy, which checks the login and adds the bench's token itself. */
export function proxyConnector(wsBase: string, benchId: string, make: (url: string) => WebSocket = plainSocket): Connector {
  const url = `${wsBase}workbench/servers/${encodeURIComponent(benchId)}/_workbench/channel`;
  return { kind: "proxy", label: "Jupyter’s proxy", open: () => openSocket(url, make) };
}

export interface Grant {
  host: string;
  port: number;
  path: string;
  token: string;
}

/** The side socket on the loopback, when the page is there too; the comm tells the way and the token. */
export function directConnector(ask: () => Promise<Grant>, make: (url: string) => WebSocket = plainSocket): Connector {
  return {
    kind: "direct",
    label: "side socket",
    async open() {
      const { host, port, path, token } = await ask();
      return openSocket(`ws://${host.includes(":") ? `[${host}]` : host}:${port}${path}`, make, { token });
    },
  };
}

export function plainSocket(url: string): WebSocket {
  return new WebSocket(url);
}

/** What a widget model offers for custom messages; anywidget's model is one. */
export interface CommModel {
  send(content: unknown): void;
  on(event: "msg:custom", callback: (content: unknown) => void): void;
  off(event: "msg:custom", callback: (content: unknown) => void): void;
}

/** A name that nobody else has. */
export const newName = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");

/** All pages on a kernel hear one comm; this page's messages carry its own text. */
export const PAGE = newName();

function ours(content: unknown): content is Message {
  return content !== null && typeof content === "object" && "op" in content && (content as Message)["page"] === PAGE;
}

export function commConnector(model: CommModel): Connector {
  return {
    kind: "comm",
    label: "kernel comm",
    open() {
      const link: Link = {
        send: (message) => model.send({ ...message, page: PAGE }),
        close: () => model.off("msg:custom", listen),
        receive: () => {},
        closed: () => {},
      };
      const listen = (content: unknown) => {
        if (ours(content)) link.receive(content);
      };
      model.on("msg:custom", listen);
      return Promise.resolve(link);
    },
  };
}

/** The way to the side socket, asked over the comm; refused when the server does not run. */
export function askGrant(model: CommModel, patience = 3000): Promise<Grant> {
  return new Promise((resolve, reject) => {
    const stop = (act: () => void) => {
      clearTimeout(timer);
      model.off("msg:custom", listen);
      act();
    };
    const listen = (content: unknown) => {
      if (!ours(content)) return;
      if (content.op === "grant") stop(() => resolve(content as unknown as Grant));
      else if (content.op === "refused" && typeof content.id !== "number") stop(() => reject(new Error(String(content["reason"]))));
    };
    const timer = setTimeout(() => stop(() => reject(new Error("the kernel did not answer over the comm"))), patience);
    model.on("msg:custom", listen);
    model.send({ op: "grant", page: PAGE });
  });
}
