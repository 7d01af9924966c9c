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

/** The side socket on the loopback, when the page is there too; the comm tells port and token. */
export function directConnector(ask: () => Promise<{ port: number; token: string }>, make: (url: string) => WebSocket = plainSocket): Connector {
  return {
    kind: "direct",
    label: "side socket",
    async open() {
      const { port, token } = await ask();
      return openSocket(`ws://127.0.0.1:${port}/_workbench/channel`, make, { token });
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

export function commConnector(model: CommModel): Connector {
  return {
    kind: "comm",
    label: "kernel comm",
    open() {
      const link: Link = {
        send: (message) => model.send(message),
        close: () => model.off("msg:custom", listen),
        receive: () => {},
        closed: () => {},
      };
      const listen = (content: unknown) => {
        if (content && typeof content === "object" && "op" in content) link.receive(content as Message);
      };
      model.on("msg:custom", listen);
      return Promise.resolve(link);
    },
  };
}

/** One question over the comm, outside any channel: the direct socket's token, the bundle's text. */
export function askComm(model: CommModel, message: Message, matches: (answer: Message) => boolean, patience = 8000): Promise<Message> {
  return new Promise((resolve, reject) => {
    const stop = (act: () => void) => {
      clearTimeout(timer);
      model.off("msg:custom", listen);
      act();
    };
    const listen = (content: unknown) => {
      const answer = content as Message | null;
      if (!answer || typeof answer !== "object" || !matches(answer)) return;
      stop(() => (answer.op === "refused" ? reject(new Error(String(answer["reason"]))) : resolve(answer)));
    };
    const timer = setTimeout(() => stop(() => reject(new Error("the kernel did not answer over the comm"))), patience);
    model.on("msg:custom", listen);
    model.send(message);
  });
}
