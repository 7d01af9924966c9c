/** Figures as people read them. Thin spaces group thousands; nothing is rounded to a lying zero. */

const THIN = "\u202f";

/** `4198` -> `4 198`. */
export function count(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
}

/** Milliseconds without unit, for columns: `212`, `47.5`, `0.9`, `0.06`, `0.004`. */
export function ms(ns: number): string {
  const value = ns / 1e6;
  if (value === 0) return "0";
  if (value >= 99.95) return count(value);
  if (value >= 0.0995) return value.toFixed(1);
  if (value >= 0.00995) return value.toFixed(2);
  return value < 0.0005 ? "<0.001" : value.toFixed(3);
}

/** Milliseconds with two decimals, for the steps of one event; below 10 us three, so that plain hooks are not all zero. */
export function fineMs(ns: number): string {
  const value = ns / 1e6;
  if (value === 0) return "–";
  if (value >= 1000) return count(value);
  return value < 0.01 ? (value < 0.0005 ? "<0.001" : value.toFixed(3)) : value.toFixed(2);
}

/** A duration with its unit: `48 ms`, `0.4 ms`, `12 µs`, `1.2 s`. */
export function duration(ns: number): string {
  if (ns < 1e3) return `${Math.round(ns)} ns`;
  if (ns < 99.5e3) return `${trim(ns / 1e3)} µs`;
  if (ns < 999.5e6) return `${trim(ns / 1e6)} ms`;
  return `${trim(ns / 1e9)} s`;
}

function trim(value: number): string {
  return value >= 9.95 ? count(value) : value.toFixed(1).replace(/\.0$/, "");
}

/** Events per second: whole from ten on, one decimal below. */
export function rate(perSecond: number): string {
  return perSecond >= 9.95 || Number.isInteger(perSecond) ? count(perSecond) : perSecond.toFixed(1);
}

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  return n < 1e6 ? `${trim(n / 1e3)} kB` : `${trim(n / 1e6)} MB`;
}

const two = (n: number) => String(n).padStart(2, "0");

/** `14:02`, local time. */
export function minute(time: number): string {
  const d = new Date(time);
  return `${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** `31.914`: seconds and milliseconds within the minute. */
export function second(time: number): string {
  const d = new Date(time);
  return `${two(d.getSeconds())}.${String(d.getMilliseconds()).padStart(3, "0")}`;
}

/** `14:02:31`. */
export function clock(time: number): string {
  return `${minute(time)}:${two(new Date(time).getSeconds())}`;
}

/** `14:02:31.914`. */
export function stamp(time: number): string {
  return `${minute(time)}:${second(time)}`;
}

/** Seconds under a heading that names the minute; another minute is written out. */
export function within(time: number, head: number): string {
  return minute(time) === minute(head) ? second(time) : clock(time);
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

export const client = (connection: number | null) => (connection === null ? "" : `c${connection}`);
