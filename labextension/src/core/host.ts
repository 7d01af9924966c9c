/** What a panel needs from the place it stands in: a notebook output, a JupyterLab tab, a test page. */
import type { Connector } from "./channel.js";
import type { EditorModule } from "./editor-module.js";

/** What is known about a bench that does not answer. */
export interface Diagnosis {
  kind: "gone" | "stopped" | "busy" | "unreachable";
  /** One sentence for people. */
  sentence: string;
}

export interface Host {
  face: "widget" | "lab" | "page";
  connectors(): Promise<Connector[]> | Connector[];
  /** Asked when the connection is lost; null when nothing better than "reconnecting" can be said. */
  diagnose?(): Promise<Diagnosis | null>;
  /** Starts the bench where the channel cannot, because its server is what carries the channel. */
  start?(): Promise<void>;
  /** The proxied WebSocket address of a path of this bench, when the page itself may open clients. */
  clientUrl?(path: string): string;
  /** Puts code into a new cell of the notebook; false when there is none to put it in. */
  insertCell?(code: string): boolean;
  /** The text editor, where the page has it already; elsewhere the bench is asked for it. */
  editor?(): Promise<EditorModule>;
}
