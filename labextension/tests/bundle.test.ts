// @vitest-environment node
/// <reference types="node" />
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { expect, test } from "vitest";
import { common, cssAsText } from "../build.mjs";

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? sources(join(folder, e.name)) : [join(folder, e.name)]));

async function built(entry: string): Promise<Uint8Array> {
  const { outputFiles } = await esbuild.build({ ...common, entryPoints: [entry], write: false, plugins: [cssAsText] });
  return outputFiles[0]!.contents;
}

test("the first bundle stays under 90 kB gzipped", async () => {
  expect(gzipSync(await built("src/widget/bench.ts")).length).toBeLessThan(90_000);
});

test("the editor, which only those who edit load, stays under 130 kB gzipped", async () => {
  expect(gzipSync(await built("src/editor/index.ts")).length).toBeLessThan(130_000);
});

test("the loader, which travels with every widget, stays under 3 kB", async () => {
  expect((await built("src/widget/loader.ts")).length).toBeLessThan(3000);
});

test("the first bundle has nothing of the editor's own", async () => {
  const { metafile } = await esbuild.build({ ...common, entryPoints: ["src/widget/bench.ts"], write: false, metafile: true, plugins: [cssAsText] });
  expect(Object.keys(metafile.inputs).filter((file) => /codemirror|lezer|src\/editor/.test(file))).toEqual([]);
});

test("no source sets markup from text", () => {
  for (const file of sources("src")) expect(readFileSync(file, "utf8"), file).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write\b/);
});

test("no source is longer than 250 lines", () => {
  for (const file of sources("src")) expect(readFileSync(file, "utf8").split("\n").length, file).toBeLessThanOrEqual(251);
});
