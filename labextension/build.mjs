// Builds both entries: the widget's bundle (esbuild) and the JupyterLab extension (tsc, then @jupyter/builder).
// `node build.mjs widget` builds the first only.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const staticDir = join(here, "../workbench/static");
const labDir = join(here, "../workbench/labextension");
const { version } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));

export const common = {
  bundle: true,
  format: "esm",
  minify: true,
  target: ["es2022", "chrome115", "firefox120", "safari17"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  charset: "utf8",
  define: { "process.env.NODE_ENV": "\"production\"" },
  absWorkingDir: here,
  logLevel: "warning",
};

/** A style sheet imported by a script comes as its minified text. */
export const cssAsText = {
  name: "css-as-text",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { outputFiles } = await esbuild.build({ ...common, entryPoints: [path], write: false, outdir: here });
      return { contents: outputFiles[0].text, loader: "text" };
    });
  },
};

async function widget() {
  mkdirSync(staticDir, { recursive: true });
  const out = (entry, file, more = {}) => esbuild.build({ ...common, entryPoints: [entry], outfile: join(staticDir, file), ...more });
  await out("src/widget/bench.ts", "bench.js", { plugins: [cssAsText] });
  await out("src/widget/loader.ts", "loader.js");
  await out("src/editor/index.ts", "editor.js");
  await out("style/bench.css", "bench.css");
  const text = readFileSync(join(staticDir, "bench.js"));
  const bundle = createHash("sha256").update(text).digest("hex").slice(0, 16);
  writeFileSync(join(staticDir, "manifest.json"), `${JSON.stringify({ version, bundle, gzip: gzipSync(text).length }, null, 2)}\n`);
  console.log(`widget: bench.js ${text.length} bytes, ${gzipSync(text).length} gzipped`);
}

function lab() {
  const node = (script, ...args) => execFileSync(process.execPath, [join(here, "node_modules", script), ...args], { cwd: here, stdio: "inherit" });
  rmSync(join(here, "lib"), { recursive: true, force: true });
  node("typescript/bin/tsc", "-p", "tsconfig.json");
  rmSync(labDir, { recursive: true, force: true });
  const core = join(here, "node_modules/@jupyterlab/core-meta/core.package.json");
  node("@jupyter/builder/lib/build-labextension.js", "--core-package-file", core, ".");
  const built = JSON.parse(readFileSync(join(labDir, "package.json"), "utf8"));
  // A failed build leaves its package.json too; only a built one names a remote entry that exists.
  const load = built.jupyterlab?._build?.load;
  if (!load || !existsSync(join(labDir, load))) throw new Error(`the lab extension was not built: ${labDir}/package.json names no remote entry`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await widget();
  if (process.argv[2] !== "widget") lab();
}
