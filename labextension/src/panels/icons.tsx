/** Icons and outcome glyphs. Always shape and word together; a glyph alone carries its word for screen readers. */
import { h } from "preact";
import type { Outcome } from "../core/protocol.js";
import { CHANGED } from "../core/text.js";
import { SHAPES, type IconName } from "./icon-shapes.js";

interface IconProps {
  name: IconName;
  /** A class instead of the usual icon class, as for the glyphs that take their size from their surroundings. */
  as?: string;
  small?: boolean;
}

export function Icon({ name, as, small }: IconProps) {
  const [viewBox, shapes] = SHAPES[name];
  return (
    <svg class={as ?? (small ? "i s" : "i")} viewBox={viewBox} aria-hidden="true">
      {shapes.map(([tag, attributes]) => h(tag, attributes))}
    </svg>
  );
}

/** Glyph and word of an outcome, with the number of changed fields where there is one. */
export function OutcomeMark({ outcome, count, unit }: { outcome: Outcome; count?: number | null; unit?: string }) {
  return (
    <span class={`oc oc-${outcome}`} {...(outcome === "changed" ? { title: CHANGED } : {})}>
      <Icon name={`o-${outcome}`} as="" />
      <span>
        {outcome}
        {count ? <span class="q"> {count}{unit ? ` ${unit}` : ""}</span> : null}
      </span>
    </span>
  );
}
