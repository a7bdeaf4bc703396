// Where the files lie that a script's process loads by themselves: beside this one, as sources or built.

const end = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** The URL of a file of this folder, without its end. */
export const childFile = (name: "preload" | "kernel" | "hooks"): URL =>
  new URL(`./${name}.${end}`, import.meta.url);
