/** A payload in the form that the reader picks: JSON, text, MessagePack, Yjs or hex. Always text nodes. */
import { bytes, client, duration } from "../../core/format.js";
import type { InspectorData } from "../../core/protocol.js";
import { useKept } from "../context.js";
import { Segments } from "../parts.js";

const NAMES: Readonly<Record<string, string>> = { json: "JSON", text: "Text", messagepack: "MessagePack", yjs: "Yjs", hex: "Hex" };

interface Item {
  label: string;
  size: number;
  formats: Readonly<Record<string, string>>;
}

function itemsOf(data: InspectorData): Item[] {
  const came = (data.payloads ?? []).map((p) => ({ label: p.path, size: p.size, formats: p.formats }));
  const sent = (data.clients ?? []).filter((c) => Object.keys(c.formats ?? {}).length).map((c) => ({ label: `sent to ${client(c.connection) || "nobody"} at +${duration(c.at_ns)}`, size: c.bytes, formats: c.formats ?? {} }));
  return [...came, ...sent];
}

export function Payload({ data }: { data: InspectorData }) {
  const wanted = useKept("payload format", "json");
  const items = itemsOf(data);
  if (!items.length) return <p class="note">{data.why_no_changes ?? "No text and no bytes came with this event, and nothing was sent."}</p>;
  const offered = Object.keys(NAMES).filter((name) => items.some((item) => name in item.formats));
  const format = offered.includes(wanted.value) ? wanted.value : (offered[0] ?? "hex");
  return (
    <>
      <div class="sub">
        <Segments label="Format" value={format} options={offered.map((name) => [name, NAMES[name] ?? name] as const)} onPick={(name) => (wanted.value = name)} />
        <span class="sp" />
        <span class="mut fs1 el">values as text, never markup</span>
      </div>
      {items.map((item) => (
        <div class="raw">
          <div class="fs1 mut el"><b class="code">{item.label}</b> {bytes(item.size)}</div>
          <pre class="code">{item.formats[format] ?? `no ${NAMES[format]}:\n${item.formats["text"] ?? item.formats["hex"] ?? ""}`}</pre>
        </div>
      ))}
    </>
  );
}
