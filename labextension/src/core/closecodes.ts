/** WebSocket close codes in words. */
const WORDS: Record<number, string> = {
  1000: "closed normally",
  1001: "the other side went away",
  1002: "protocol error",
  1003: "kind of data not accepted",
  1005: "closed without a code",
  1006: "connection lost without a close",
  1007: "text was not valid UTF-8",
  1008: "policy violation",
  1009: "message too large",
  1010: "an extension was missing",
  1011: "error in the server",
  1012: "server restarts",
  1013: "try again later",
  1014: "bad gateway",
  1015: "TLS failed",
};

const HTTP: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  426: "Upgrade Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

/** `4401` -> `code 4401 of the application`; below 1000 the number is an HTTP status that refused the upgrade. */
export function closeWords(code: number): string {
  if (code < 1000) return `refused at upgrade: ${code}${HTTP[code] ? ` ${HTTP[code]}` : ""}`;
  const words = WORDS[code];
  if (words) return `${code}, ${words}`;
  if (code >= 4000) return `code ${code} of the application`;
  return `code ${code}`;
}
