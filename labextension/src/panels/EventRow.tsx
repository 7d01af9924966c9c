/** One event: number, time, client, point, outcome, bar, milliseconds; and why it stopped or raised. */
import { Component } from "preact";
import { barOf, partClass } from "../core/bars.js";
import { client, ms, within } from "../core/format.js";
import type { EventRow } from "../core/protocol.js";
import { pointParts, visible } from "../core/text.js";
import { useStore } from "./context.js";
import { OutcomeMark } from "./icons.js";

interface RowProps {
  row: EventRow;
  /** Its rank in the list. */
  index: number;
  head: number;
  scale: number;
  selected: boolean;
  reachable: boolean;
}

/** Drawn again only when something of it is different; frames bring new objects with the same content. */
export class EventRowView extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return !same(this.props, next);
  }

  override render(props: RowProps) {
    return <RowView {...props} />;
  }
}

function same(a: RowProps, b: RowProps): boolean {
  const minute = (time: number) => Math.floor(time / 60_000);
  const look = (p: RowProps) => [p.row.dispatch, p.row.outcome, p.row.duration_ns, p.row.changed, p.index, p.scale, p.selected, p.reachable, minute(p.head)].join();
  return look(a) === look(b);
}

function RowView({ row, index, head, scale, selected, reachable }: RowProps) {
  const store = useStore();
  return (
    <>
      <tr class={selected ? "sel" : ""} aria-rowindex={index + 2} aria-selected={selected} tabIndex={reachable ? 0 : -1} data-dispatch={row.dispatch} onClick={() => store.select(row.dispatch)}>
        <td class="num">{row.dispatch}</td>
        <td class="tm">{within(row.time, head)}</td>
        <td>{client(row.connection)}</td>
        <td class="at" title={row.point}><PointName name={row.point} /></td>
        <td><OutcomeMark outcome={row.outcome} count={row.outcome === "changed" ? row.changed : null} /></td>
        <td><BarView row={row} scale={scale} /></td>
        <td class="n">{ms(row.duration_ns)}{row.outcome === "pending" ? "…" : ""}</td>
      </tr>
      <WhyLine row={row} />
    </>
  );
}

/** A point's name may go on in a second line, after a dot, a hyphen or before a capital. */
function PointName({ name }: { name: string }) {
  return <span>{pointParts(visible(name)).map((part, i) => <>{i ? <wbr /> : null}{part}</>)}</span>;
}

function BarView({ row, scale }: { row: EventRow; scale: number }) {
  const bar = barOf(row, scale);
  return (
    <div class="bar" aria-hidden="true">
      {bar.parts.map((part) => (
        <i class={partClass(part)} style={{ width: `${part.percent.toFixed(2)}%` }} />
      ))}
      {bar.torn ? (
        <span class="tear">
          <svg viewBox="0 0 9 12"><path d="M1 0 4 3 1 6l3 3-3 3M5 0l3 3-3 3 3 3-3 3" /></svg>
        </span>
      ) : null}
    </div>
  );
}

function WhyLine({ row }: { row: EventRow }) {
  if (row.outcome !== "stopped" && row.outcome !== "raised") return null;
  const verb = row.outcome === "raised" ? "raised" : "stopped";
  const what = [row.error ? `${verb} ${row.error}` : row.effect ? "" : `${verb} the event`, row.effect ?? ""].filter(Boolean).join("; ");
  return (
    <tr class="why" onClick={undefined}>
      <td colSpan={7} title={visible(what)}>
        {row.hook ? <b>{row.hook}</b> : null} {visible(what)}
      </td>
    </tr>
  );
}
