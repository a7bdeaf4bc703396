// Where the files lie that a script's process loads by themselves: as sources beside this one; built, this one may have come
// into a file of dist/chunks or dist/cli, and they are in dist/run/child.

const end = import.meta.url.endsWith(".ts") ? "ts" : "js";
const folder = /\/dist\/(chunks|cli)\/[^/]*$/.test(import.meta.url) ? "../run/child/" : "./";

/** The URL of such a file, by its name without an end. */
export const childFile = (name: "preload" | "kernel" | "hooks"): URL =>
  new URL(`${folder}${name}.${end}`, import.meta.url);
