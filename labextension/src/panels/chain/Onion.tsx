/** An onion: brackets from where an around hook is entered to where it is left, the core inside, and the way of an error below. */
import { listName, onionOf, type OnionRow } from "../../core/onion.js";
import type { ChainPoint, LaneData } from "../../core/protocol.js";
import { Card } from "./Card.js";
import type { ChainControl } from "./control.js";
import { useKeptFocus } from "./keepFocus.js";

export function Onion({ point, control }: { point: ChainPoint; control: ChainControl }) {
  useKeptFocus(control.list);
  const onion = onionOf(point);
  return (
    <>
      <ol class="cards onion" aria-label={`Hooks at ${point.title}, in the order they are entered and left`}>
        {onion.rows.map((row) => <Row key={row.key} row={row} point={point} control={control} />)}
      </ol>
      {onion.errors.length ? <Fails errors={onion.errors} point={point} control={control} /> : null}
    </>
  );
}

function Row({ row, point, control }: { row: OnionRow; point: ChainPoint; control: ChainControl }) {
  const depth = { "--depth": String(row.depth) };
  switch (row.row) {
    case "level":
      return <li class="layer deep" style={depth}>{row.text}</li>;
    case "core":
      return (
        <li class="core deep" style={depth}>
          <span class="hn el">{row.text}</span> <span class="tag">method</span>
        </li>
      );
    case "leave":
      return (
        <li class="leave deep" style={depth}>
          <span aria-hidden="true">↩ {row.hook.position}</span> leaves <span class="code el">{row.hook.name}</span>
        </li>
      );
    default:
      return <Card hook={row.hook} point={point} control={control} shut={row.lane.shut} depth={row.depth} list={listName(row.lane)} />;
  }
}

/** The lists that an error meets, the innermost first; empty ones are named, since they are where a hook could stand. */
function Fails({ errors, point, control }: { errors: readonly LaneData[]; point: ChainPoint; control: ChainControl }) {
  return (
    <div class="fails">
      <h5>If it fails</h5>
      <ol class="path" aria-label="Lists of error hooks, in the order in which an error meets them">
        {errors.map((lane) => (
          <li key={lane.name} class={lane.hooks.length ? "" : "none"} title={lane.hooks.length ? lane.label : `${lane.label}: no hook`}>
            {lane.label}
          </li>
        ))}
      </ol>
      <ol class="cards onion" aria-label={`Error hooks at ${point.title}`}>
        {errors.flatMap((lane) => lane.hooks.map((hook) => <Card key={hook.id} hook={hook} point={point} control={control} shut={lane.shut} depth={0} list={lane.label} />))}
      </ol>
      {point.doc ? <p class="mut fs1">{point.doc}</p> : null}
    </div>
  );
}
