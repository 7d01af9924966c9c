/** The drawings, as data: nothing in the panels is ever parsed as markup, not even our own icons. */
type Shape = readonly [tag: string, attributes: Readonly<Record<string, string>>];

export const SHAPES = {
  "o-ok": ["0 0 12 12", [["path", { d: "M2 6.5 4.8 9.2 10 3.2", fill: "none", stroke: "currentColor", "stroke-width": "1.8", "stroke-linecap": "round", "stroke-linejoin": "round" }]]],
  "o-changed": ["0 0 12 12", [["path", { d: "M6 1.6 11 10.4H1Z", fill: "none", stroke: "currentColor", "stroke-width": "1.7", "stroke-linejoin": "round" }]]],
  "o-stopped": ["0 0 12 12", [["path", { d: "M4 .8h4L11.2 4v4L8 11.2H4L.8 8V4Z", fill: "currentColor" }], ["path", { d: "M3.4 6h5.2", style: "stroke:var(--wb-bg)", "stroke-width": "1.7" }]]],
  "o-raised": ["0 0 12 12", [["path", { d: "m2.3 2.3 7.4 7.4m0-7.4L2.3 9.7", fill: "none", stroke: "currentColor", "stroke-width": "2.1", "stroke-linecap": "round" }]]],
  "o-skipped": ["0 0 12 12", [["path", { d: "M2 6h8", fill: "none", stroke: "currentColor", "stroke-width": "1.7", "stroke-linecap": "round", "stroke-dasharray": "2.2 2.6" }]]],
  "o-pending": ["0 0 12 12", [["circle", { cx: "6", cy: "6", r: "4.6", fill: "none", stroke: "currentColor", "stroke-width": "1.5" }], ["path", { d: "M6 1.4a4.6 4.6 0 0 1 0 9.2Z", fill: "currentColor" }]]],
  "o-cancelled": ["0 0 12 12", [["circle", { cx: "6", cy: "6", r: "4.6", fill: "none", stroke: "currentColor", "stroke-width": "1.5" }], ["path", { d: "m2.8 9.2 6.4-6.4", stroke: "currentColor", "stroke-width": "1.5" }]]],
  "s-live": ["0 0 10 10", [["circle", { cx: "5", cy: "5", r: "4.4", fill: "currentColor" }]]],
  "s-off": ["0 0 10 10", [["circle", { cx: "5", cy: "5", r: "3.8", fill: "none", stroke: "currentColor", "stroke-width": "1.5" }]]],
  "s-warn": ["0 0 10 10", [["path", { d: "M5 .6 9.8 9.4H.2Z", fill: "currentColor" }]]],
  "s-bad": ["0 0 10 10", [["path", { d: "m1.5 1.5 7 7m0-7-7 7", stroke: "currentColor", "stroke-width": "2", "stroke-linecap": "round" }]]],
  "i-undo": ["0 0 16 16", [["path", { d: "M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M5.5 3.5 2.8 6.5l2.7 3" }]]],
  "i-redo": ["0 0 16 16", [["path", { d: "M13 6.5H6.5a3.5 3.5 0 0 0 0 7H10M10.5 3.5l2.7 3-2.7 3" }]]],
  "i-copy": ["0 0 16 16", [["rect", { x: "5.5", y: "5.5", width: "8", height: "8", rx: "1" }], ["path", { d: "M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2" }]]],
  "i-save": ["0 0 16 16", [["path", { d: "M8 2.5v7M5 7l3 3 3-3M2.5 11v2.5h11V11" }]]],
  "i-stop": ["0 0 16 16", [["rect", { x: "4", y: "4", width: "8", height: "8", rx: "1", fill: "currentColor", stroke: "none" }]]],
  "i-play": ["0 0 16 16", [["path", { d: "M5 3.2v9.6L12.5 8Z", fill: "currentColor", stroke: "none" }]]],
  "i-plus": ["0 0 16 16", [["path", { d: "M8 3.5v9M3.5 8h9" }]]],
  "i-search": ["0 0 16 16", [["circle", { cx: "7", cy: "7", r: "3.8" }], ["path", { d: "m10 10 3.2 3.2" }]]],
  "i-down": ["0 0 12 12", [["path", { d: "m3 4.5 3 3 3-3" }]]],
  "i-right": ["0 0 12 12", [["path", { d: "m4.5 3 3 3-3 3" }]]],
  "i-left": ["0 0 12 12", [["path", { d: "m7.5 3-3 3 3 3" }]]],
  "i-more": ["0 0 16 16", [["path", { d: "M8 3.5v.01M8 8v.01M8 12.5v.01", "stroke-width": "2.4" }]]],
  "i-grip": ["0 0 8 14", [["circle", { cx: "2", cy: "2.5", r: "1.1" }], ["circle", { cx: "6", cy: "2.5", r: "1.1" }], ["circle", { cx: "2", cy: "7", r: "1.1" }], ["circle", { cx: "6", cy: "7", r: "1.1" }], ["circle", { cx: "2", cy: "11.5", r: "1.1" }], ["circle", { cx: "6", cy: "11.5", r: "1.1" }]]],
  "i-x": ["0 0 16 16", [["path", { d: "m4.5 4.5 7 7m0-7-7 7" }]]],
  "i-open": ["0 0 16 16", [["path", { d: "M6.5 3.5h-3v9h9v-3M9 3h4v4M13 3 7.5 8.5" }]]],
  "i-lock": ["0 0 12 12", [["rect", { x: "2.5", y: "5.5", width: "7", height: "5", rx: "1" }], ["path", { d: "M4 5.5V4a2 2 0 0 1 4 0v1.5" }]]],
  "i-restart": ["0 0 16 16", [["path", { d: "M12.8 8a4.8 4.8 0 1 1-1.4-3.4M12.8 2.5v3h-3" }]]],
  "i-book": ["0 0 16 16", [["path", { d: "M4 2.5h8.5v11H4zM4 2.5v11M2.5 5H5M2.5 8H5M2.5 11H5" }]]],
  "i-hook": ["0 0 16 16", [["circle", { cx: "10.5", cy: "3.5", r: "1.5" }], ["path", { d: "M10.5 5v5a3.3 3.3 0 0 1-6.6 0V8.2M2.2 10l1.7-1.9L5.8 10" }]]],
  "i-edit": ["0 0 16 16", [["path", { d: "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3zM9 4.7 11.3 7" }]]],
  "i-arrow": ["0 0 12 12", [["path", { d: "M2 6h7.5M7 3.5 9.5 6 7 8.5" }]]],
} as const satisfies Record<string, readonly [viewBox: string, shapes: readonly Shape[]]>;

export type IconName = keyof typeof SHAPES;
