/** Console clients that the page opens itself, through Jupyter's proxy. They look like the bench's own. */
import { signal } from "@preact/signals";
import type { ConsoleClient, ConsoleLine } from "./protocol.js";

const KEPT_LINES = 200;

/** A WebSocket of the page, with what it said and heard. */
export class PageClient {
  readonly view;
  private socket: WebSocket | null = null;

  constructor(readonly id: string, readonly path: string, private readonly url: string, private readonly make: (url: string) => WebSocket) {
    this.view = signal<ConsoleClient>({ id, state: "connecting", path, rtt_ns: null, code: null, reason: null, lines: [] });
    this.open();
  }

  open(): void {
    const socket = this.make(this.url);
    const asked = performance.now();
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.patch({ state: "connecting", code: null, reason: null });
    socket.onopen = () => {
      this.patch({ state: "open", rtt_ns: (performance.now() - asked) * 1e6 });
      this.note("open, from this page through Jupyter’s proxy");
    };
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      const binary = typeof event.data !== "string";
      this.line("in", typeof event.data === "string" ? event.data : hex(new Uint8Array(event.data)), binary);
    };
    socket.onclose = (event) => this.patch({ state: "closed", code: event.code, reason: event.reason || null, rtt_ns: null });
  }

  send(text: string): void {
    this.socket?.send(text);
    this.line("out", text, false);
  }

  sendBytes(bytes: Uint8Array<ArrayBuffer>): void {
    this.socket?.send(bytes);
    this.line("out", hex(bytes), true);
  }

  close(): void {
    this.socket?.close(1000);
  }

  clear(): void {
    this.patch({ lines: [] });
  }

  private note(text: string): void {
    this.line("note", text, false);
  }

  private line(direction: ConsoleLine["direction"], text: string, binary: boolean): void {
    const lines = [...this.view.value.lines, { time: Date.now(), direction, text, binary }].slice(-KEPT_LINES);
    this.patch({ lines });
  }

  private patch(change: Partial<ConsoleClient>): void {
    this.view.value = { ...this.view.value, ...change };
  }
}

export type ComposeKind = "text" | "json" | "hex" | "base64";

/** What the composer would send: text, or bytes, or the reason why it cannot. */
export function compose(kind: ComposeKind, input: string): { text: string } | { bytes: Uint8Array<ArrayBuffer> } | { error: string } {
  if (kind === "text") return { text: input };
  if (kind === "json") return jsonError(input) ?? { text: input };
  return kind === "hex" ? fromHex(input) : fromBase64(input);
}

export function jsonError(input: string): { error: string } | null {
  try {
    JSON.parse(input);
    return null;
  } catch (error) {
    return { error: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function fromHex(input: string): { bytes: Uint8Array<ArrayBuffer> } | { error: string } {
  const digits = input.replace(/[\s:,]|0x/gi, "");
  const bad = /[^0-9a-f]/i.exec(digits);
  if (bad) return { error: `not hex: “${bad[0]}” is no hex digit` };
  if (digits.length % 2) return { error: "not hex: an odd number of digits" };
  return { bytes: Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16)) };
}

function fromBase64(input: string): { bytes: Uint8Array<ArrayBuffer> } | { error: string } {
  try {
    return { bytes: Uint8Array.from(atob(input.replace(/\s/g, "")), (c) => c.charCodeAt(0)) };
  } catch {
    return { error: "not base64: a character or the padding is wrong" };
  }
}

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join(" ");
}
