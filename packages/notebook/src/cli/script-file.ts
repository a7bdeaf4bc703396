// The script that a person means.

import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { UsageError } from "./usage-error.ts";

const SCRIPTS = [".ts", ".mts", ".tsx", ".js", ".mjs"];

/** How many letters must change, at the least, to make one name of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row.at(-1)!;
}

/** A script with a similar name, in the same folder or those that scripts often lie in. */
function similar(path: string): string | undefined {
  const wanted = basename(path, extname(path));
  const folders = [dirname(path), join(dirname(path), "src"), join(dirname(path), "experiments")];
  const found = folders
    .filter((folder) => existsSync(folder) && statSync(folder).isDirectory())
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((file) => SCRIPTS.includes(extname(file)) && !file.endsWith(".d.ts"))
    .map((file) => ({ file, far: distance(wanted, basename(file, extname(file))) }))
    .filter(({ far }) => far <= 1 + wanted.length / 4)
    .sort((a, b) => a.far - b.far);
  return found[0]?.file;
}

/** The absolute path of a script. Throws `UsageError` for what isn't there, or is no script. */
export function scriptFile(given: string): string {
  const path = resolve(given);
  if (!existsSync(path)) {
    const other = similar(path);
    const hint = other === undefined ? "" : `; did you mean ${relative(process.cwd(), other)}?`;
    throw new UsageError(`there is no file ${given}${hint}`);
  }
  if (statSync(path).isDirectory()) throw new UsageError(`${given} is a folder; name the script in it`);
  if (!SCRIPTS.includes(extname(path)) || path.endsWith(".d.ts"))
    throw new UsageError(`${given} is no script: its name must end in ${SCRIPTS.join(", ")}`);
  return path;
}
