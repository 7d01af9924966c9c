/** The documents panel on a fake bench. */
import { expect, test } from "vitest";
import { fullState } from "../dev/fake.js";
import type { DocumentRow } from "../src/core/documents-data.js";
import { mounted } from "./helpers.js";

const notes = (connections: DocumentRow["connections"]): DocumentRow => ({
  name: "notes", state: "clean", reason: "", due: null, debounce: 2, max_debounce: 10, unsaved: 0, connections, awareness: [], changes: [], stores: [], content: "",
});

async function people(connections: DocumentRow["connections"]): Promise<HTMLElement[]> {
  const state = fullState();
  state.documents = { seconds: 12, total: 1, documents: [notes(connections)] };
  const { root } = await mounted(state, "documents");
  return [...root.querySelectorAll<HTMLElement>(".who li")];
}

test("a connection without a user is its number alone, one with a user has both", async () => {
  const shown = await people([{ connection: 1, label: "", read_only: false }, { connection: 2, label: "Ada", read_only: true }]);
  expect(shown.map((e) => e.textContent)).toEqual(["c1", "c2 Ada read-only"]);
});

test("sessions over one connection are counted, two people of one name stay two", async () => {
  const one = { connection: 1, label: "Ada", read_only: false };
  const shown = await people([one, { ...one, connection: 2 }, one]);
  expect(shown.map((e) => e.textContent)).toEqual(["c1 Ada ×2", "c2 Ada"]);
  expect(shown[0]!.title).toBe("2 sessions over one connection");
});
