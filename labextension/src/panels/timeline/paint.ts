/** Draws a laid-out timeline on a canvas, with the colours of the theme in force. */
import type { Laid } from "../../core/timeline.js";

export const LANE = 24;
export const HEAD = 20;
const BAR = 12;

interface Inks {
  ink: string;
  soft: string;
  line: string;
  tint: string;
  work: string;
  wait: string;
  raised: string;
  stopped: string;
  pending: string;
  accent: string;
  select: string;
  font: string;
}

/** Colours as the style sheet has them; in forced colours the system's own. */
export function inksOf(element: Element): Inks {
  const style = getComputedStyle(element);
  if (globalThis.matchMedia?.("(forced-colors: active)").matches) {
    const text = "CanvasText";
    return { ink: text, soft: "GrayText", line: "GrayText", tint: "Canvas", work: text, wait: "Canvas", raised: text, stopped: text, pending: text, accent: "Highlight", select: "Canvas", font: style.fontFamily };
  }
  // A variable of color-mix is no colour that a canvas takes: the browser works it out on a real property.
  const probe = document.createElement("i");
  probe.hidden = true;
  element.append(probe);
  const colour = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color || "#666";
  };
  const inks = {
    ink: colour("--wb-ink"), soft: colour("--wb-ink-2"), line: colour("--wb-line-soft"), tint: colour("--wb-tint-2"), work: colour("--wb-work"), wait: colour("--wb-wait"),
    raised: colour("--wb-raised"), stopped: colour("--wb-stopped"), pending: colour("--wb-pending"), accent: colour("--wb-accent"), select: colour("--wb-select"), font: style.fontFamily,
  };
  probe.remove();
  return inks;
}

export interface Shown {
  selected: number | null;
  brush: [from: number, to: number] | null;
  clock: (time: number) => string;
}

export function paint(canvas: HTMLCanvasElement, laid: Laid, shown: Shown): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const ratio = globalThis.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = HEAD + Math.max(laid.lanes.length, 1) * LANE + 4;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const inks = inksOf(canvas.parentElement ?? canvas);
  ground(context, laid, width, inks);
  selection(context, laid, shown, height, inks);
  bars(context, laid, inks);
  over(context, laid, shown, width, height, inks);
}

function ground(context: CanvasRenderingContext2D, laid: Laid, width: number, inks: Inks): void {
  context.strokeStyle = inks.line;
  context.lineWidth = 1;
  for (let lane = 0; lane < laid.lanes.length; lane++) line(context, 0, middle(lane), width, middle(lane));
  context.fillStyle = inks.tint;
  const bottom = HEAD + laid.lanes.length * LANE;
  for (const fold of laid.folds) {
    context.fillRect(fold.x, HEAD, 14, bottom - HEAD);
    context.strokeStyle = inks.soft;
    torn(context, fold.x + 7, HEAD, bottom);
  }
}

function torn(context: CanvasRenderingContext2D, x: number, top: number, bottom: number): void {
  context.beginPath();
  for (let y = top, side = 1; y <= bottom; y += 4, side = -side) context.lineTo(x + side * 1.5, y);
  context.stroke();
}

function selection(context: CanvasRenderingContext2D, laid: Laid, shown: Shown, height: number, inks: Inks): void {
  const span = laid.spans.find((s) => s.dispatch === shown.selected);
  context.fillStyle = inks.select;
  if (span) context.fillRect(span.x - 3, span.lane < 0 ? HEAD : middle(span.lane) - 10, span.end - span.x + 6, span.lane < 0 ? height - HEAD : 20);
  if (!shown.brush) return;
  const [from, to] = shown.brush;
  context.fillRect(Math.min(from, to), HEAD, Math.abs(to - from), height - HEAD);
  context.strokeStyle = inks.accent;
  for (const x of shown.brush) line(context, x, HEAD, x, height);
}

function bars(context: CanvasRenderingContext2D, laid: Laid, inks: Inks): void {
  for (const bar of laid.bars) {
    const y = middle(bar.lane) - BAR / 2;
    const strong = bar.outcome === "raised" ? inks.raised : bar.outcome === "stopped" ? inks.stopped : bar.outcome === "pending" ? inks.pending : inks.work;
    if (bar.kind === "work") {
      context.fillStyle = strong;
      context.fillRect(bar.x, y, bar.width, BAR);
    } else hatch(context, bar.x, y, bar.width, bar.outcome === "pending" ? inks.pending : inks.work, inks.wait);
  }
}

function hatch(context: CanvasRenderingContext2D, x: number, y: number, width: number, ink: string, ground: string): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, BAR);
  context.clip();
  context.fillStyle = ground;
  context.fillRect(x, y, width, BAR);
  context.strokeStyle = ink;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let at = x - BAR; at < x + width; at += 5) {
    context.moveTo(at, y + BAR);
    context.lineTo(at + BAR, y);
  }
  context.stroke();
  context.restore();
}

function over(context: CanvasRenderingContext2D, laid: Laid, shown: Shown, width: number, height: number, inks: Inks): void {
  context.font = `11px ${inks.font}`;
  context.textBaseline = "middle";
  context.fillStyle = inks.soft;
  let free = -1;
  for (const tick of laid.ticks) {
    const text = shown.clock(tick.time);
    const room = context.measureText(text).width;
    const x = Math.min(tick.x, width - room);
    if (x < free) continue;
    context.fillText(text, x, HEAD / 2);
    free = x + room + 10;
  }
  for (const edit of laid.edits) {
    context.strokeStyle = inks.accent;
    context.setLineDash([3, 3]);
    line(context, edit.x, HEAD, edit.x, height);
    context.setLineDash([]);
  }
  for (const moment of laid.moments) if (moment.lane >= 0) marble(context, moment, inks);
}

/** Sent is a full dot, a stage of the system a small stroke, a fault and a hold a triangle. */
function marble(context: CanvasRenderingContext2D, moment: Laid["moments"][number], inks: Inks): void {
  const y = middle(moment.lane);
  context.fillStyle = context.strokeStyle = moment.kind === "fault" || moment.kind === "held" ? inks.stopped : inks.ink;
  context.beginPath();
  if (moment.kind === "sent") context.arc(moment.x, y, 3, 0, 7);
  else if (moment.kind === "stage") context.rect(moment.x - 0.75, y - 9, 1.5, 18);
  else {
    context.moveTo(moment.x, y - 10);
    context.lineTo(moment.x + 4, y - 3);
    context.lineTo(moment.x - 4, y - 3);
  }
  context.fill();
}

const middle = (lane: number) => HEAD + lane * LANE + LANE / 2;

function line(context: CanvasRenderingContext2D, x: number, y: number, toX: number, toY: number): void {
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(toX, toY);
  context.stroke();
}
