// `node dev/serve.mjs` serves the test page with live rebuilds; `node dev/serve.mjs out DIR` writes it there, to open from disk.
import { copyFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { common, cssAsText } from "../build.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] === "out" ? process.argv[3] : join(tmpdir(), "hook-workbench-dev");
mkdirSync(out, { recursive: true });
for (const file of ["dev.html", "lab-like.css"]) copyFileSync(join(here, file), join(out, file));
const options = { ...common, minify: false, format: "iife", entryPoints: [join(here, "page.ts")], outfile: join(out, "page.js"), plugins: [cssAsText] };
if (process.argv[2] === "out") {
  await esbuild.build(options);
} else {
  const context = await esbuild.context(options);
  await context.watch();
  const { port } = await context.serve({ servedir: out, host: "127.0.0.1", port: 20_500 });
  console.log(`http://127.0.0.1:${port}/dev.html?view=bench&theme=light`);
}
