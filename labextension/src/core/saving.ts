/** Saving the bench as a file: what is asked, and what the bench says to it. */
import type { Channel } from "./channel.js";

export interface LeftOut {
  hook: string;
  what: string;
  where: string;
}

export interface Saved {
  file: string;
  path: string;
  written: boolean;
  /** A file of that name is in the way. */
  exists: boolean;
  left_out: LeftOut[];
  /** How many further ones are not listed. */
  more: number;
  /** Names of what looks like a secret and stands in the file as text. */
  secrets: string[];
  python: string;
}

/** Ask for a file beside the notebook; rejects with the bench's sentence. */
export async function saveFile(channel: Channel, file: string, more: { over?: boolean; leave_out?: boolean }): Promise<Saved> {
  const answer = await channel.request({ op: "save", file, ...more });
  return answer.data as Saved;
}
