/** Python lines of gestures: enough tokens for colour, and a short sentence for the line between two events. */

export type Token = [kind: "" | "k" | "s" | "c" | "f" | "m", text: string];

const TOKENS = /(#[^\n]*)|("""(?:[^\\]|\\.)*?"""|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\b(True|False|None|def|async|await|return|from|import|with|as)\b|\b(\d+(?:\.\d+)?)\b/gs;

export function tokens(line: string): Token[] {
  const out: Token[] = [];
  let at = 0;
  for (const match of line.matchAll(TOKENS)) {
    if (match.index > at) out.push(["", line.slice(at, match.index)]);
    out.push([match[1] ? "c" : match[2] ? "s" : match[3] ? "k" : "m", match[0]]);
    at = match.index + match[0].length;
  }
  if (at < line.length) out.push(["", line.slice(at)]);
  return out;
}

/** `bench.chain("message").move("a", before="b")` -> `a moved before b`; what is not known stays Python. */
export function editWords(python: string): string {
  const [, verb, inner] = /\.(move|enable|remove|replace|attach|disable)\((.*?)\)(?: {2}#.*)?$/.exec(python) ?? [];
  if (!verb || inner === undefined) return python;
  const name = /\bname=["']([^"']+)["']/.exec(inner)?.[1] ?? /^["']?([\w.-]+)["']?/.exec(inner)?.[1];
  if (!name) return python;
  switch (verb) {
    case "move": {
      const place = /(before|after)=["']?([\w.-]+)["']?/.exec(inner);
      return place && place[2] !== "None" ? `${name} moved ${place[1]} ${place[2]}` : `${name} moved to the end`;
    }
    case "enable":
      return `${name} ${/False/.test(inner) ? "disabled" : "enabled"}`;
    case "remove":
      return `${name} removed`;
    case "replace":
      return `${name} replaced`;
    default:
      return `${name} attached`;
  }
}
