/** What the clients got to see of an event, where the trace knows. */
import { bytes, client, duration } from "../../core/format.js";
import type { SawRow } from "../../core/protocol.js";
import { capped, visible } from "../../core/text.js";

type Clients = readonly SawRow[] | null | undefined;

export function Saw({ clients }: { clients: Clients }) {
  if (!clients?.length) return null;
  return (
    <div class="saw">
      <span><b>Client saw</b></span>
      {clients.slice(0, 6).map((c) => (
        <span>{client(c.connection)} {c.bytes ? bytes(c.bytes) : visible(capped(c.text))} at +{duration(c.at_ns)}</span>
      ))}
      {clients.length > 6 ? <span>and {clients.length - 6} more</span> : null}
    </div>
  );
}

export function SawBody({ clients }: { clients: Clients }) {
  if (!clients?.length) return <p class="note">What clients saw of this event was not recorded.</p>;
  return (
    <table class="df" aria-label="What clients saw">
      <colgroup><col class="c-blame" /><col /></colgroup>
      <tbody>
        {clients.map((c) => (
          <tr>
            <td class="bl"><span><b>{client(c.connection)}</b></span><span>+{duration(c.at_ns)}{c.bytes ? `, ${bytes(c.bytes)}` : ""}</span></td>
            <td class="vl">{visible(capped(c.text))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
