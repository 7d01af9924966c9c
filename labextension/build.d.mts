import type { BuildOptions, Plugin } from "esbuild";

export const common: BuildOptions;
export const cssAsText: Plugin;
