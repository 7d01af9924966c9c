/** A way to the bench, and the first words on it. */
import { PROTOCOL, type BenchInfo, type Message } from "./protocol.js";

/** One open way to the bench. */
export interface Link {
  send(message: Message): void;
  close(): void;
  /** Set by the channel before `open` resolves to it. */
  receive: (message: Message) => void;
  closed: (reason: string) => void;
}

/** A way that can be tried. `open` resolves when bytes can flow, and rejects with a sentence when they cannot. */
export interface Connector {
  kind: "proxy" | "direct" | "comm" | "fixture";
  label: string;
  open(): Promise<Link>;
}

/** Say hello and wait for the welcome; rejects with a sentence when there is none, or another protocol. */
export function welcomed(link: Link, face: string, patience: number): Promise<BenchInfo> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the bench did not answer in time")), patience);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    link.closed = (reason) => settle(() => reject(new Error(reason)));
    link.receive = (message) => {
      if (message.op === "welcome") settle(() => check(message, resolve, reject));
      else if (message.op === "refused" || message.op === "bye") settle(() => reject(new Error(String(message["reason"]))));
    };
    link.send({ op: "hello", v: PROTOCOL, face });
  });
}

function check(message: Message, resolve: (bench: BenchInfo) => void, reject: (error: Error) => void): void {
  if (message["v"] === PROTOCOL) resolve(message["bench"] as BenchInfo);
  else reject(new Error(`the bench speaks protocol ${String(message["v"])}, this page ${PROTOCOL}: restart the kernel, then reload the page`));
}
