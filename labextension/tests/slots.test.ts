import { expect, test } from "vitest";
import { Slots } from "../src/panels/slots.js";

test("rows that stay keep their element, new ones take over those that left", () => {
  const slots = new Slots();
  expect(slots.keys([3, 2, 1])).toEqual([0, 1, 2]);
  expect(slots.keys([5, 4, 3])).toEqual([1, 2, 0]);
});

test("under a flood no element is ever made anew", () => {
  const slots = new Slots();
  slots.keys([1, 2, 3, 4]);
  for (let n = 10; n < 100; n += 10) expect(new Set(slots.keys([n, n + 1, n + 2, n + 3]))).toEqual(new Set([0, 1, 2, 3]));
});
