/** Text that strangers sent. It is only ever put into text nodes; here it is made legible and kept short. */

// Controls other than tab and newline, and the characters that reorder or hide what stands beside them.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Control and bidirectional characters made visible, so that a payload cannot disguise itself. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (c) => {
    const code = c.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** What "changed" leaves out, wherever it is counted. */
export const CHANGED = "What a hook changes inside of a value, such as a key of a dict, is seen only in events with a snapshot.";

/** At most `limit` characters, saying how many were left out. */
export function capped(text: string, limit = 4000): string {
  return text.length <= limit ? text : `${text.slice(0, limit)} … ${text.length - limit} more characters`;
}

/** A value of a change, legible and short; null means that the field was absent. */
export function shown(value: string | null): string | null {
  return value === null ? null : visible(capped(value));
}

/** Where two texts differ: the common head, the two middles, the common tail. */
export function differing(before: string, after: string): { head: string; gone: string; come: string; tail: string } {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return {
    head: after.slice(0, head),
    gone: before.slice(head, before.length - tail),
    come: after.slice(head, after.length - tail),
    tail: after.slice(after.length - tail),
  };
}

/** A name in the parts between which it may be broken: behind a space, a dot or a hyphen, before a capital. */
export function pointParts(name: string): string[] {
  return name.split(/(?<=[ .-])|(?<=\p{Ll})(?=\p{Lu})/u);
}

/** Which of some hooks share their name with another one: their points tell them apart. */
export function namesakes(hooks: readonly { name: string; point: string }[]): ReadonlySet<string> {
  const names = hooks.map((h) => h.name);
  return new Set(names.filter((name, i) => names.indexOf(name) !== i));
}
