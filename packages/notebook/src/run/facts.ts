// What a reader of a report must know to get the same: versions, commit, mode, date.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Fact } from "../report/index.ts";
import { read } from "../script/read.ts";
import { ScriptError } from "../script/script-error.ts";

const execute = promisify(execFile);

/** The commit of a folder, short, with "+ changes" where files differ from it; undefined where there is none. */
async function commitOf(folder: string): Promise<string | undefined> {
  const git = async (...args: string[]) => (await execute("git", ["-C", folder, ...args])).stdout.trim();
  try {
    const [commit, changes] = await Promise.all([
      git("rev-parse", "--short", "HEAD"),
      git("status", "--porcelain"),
    ]);
    return changes === "" ? commit : `${commit} + changes`;
  } catch {
    // No repository, or no git.
    return undefined;
  }
}

/** The packages that a script imports, by name, without Node's own. */
function packagesOf(source: string, file: string): string[] {
  try {
    const { program } = read(source, { file }).names;
    const specifiers = program.body.flatMap((each) =>
      "source" in each && each.source ? [String(each.source.value)] : [],
    );
    const bare = specifiers.filter((each) => !/^([./]|node:|file:|data:|#)/.test(each));
    return [
      ...new Set(
        bare.map((each) =>
          each
            .split("/")
            .slice(0, each.startsWith("@") ? 2 : 1)
            .join("/"),
        ),
      ),
    ];
  } catch (error) {
    if (error instanceof ScriptError) return [];
    throw error;
  }
}

/** The version of a package as a script in the folder finds it; undefined where it finds none. */
async function versionOf(name: string, folder: string): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const manifest = await readFile(join(at, "node_modules", name, "package.json"), "utf8");
      return (JSON.parse(manifest) as { version?: string }).version;
    } catch {
      if (at === dirname(at)) return undefined;
    }
  }
}

/**
 * Facts about a run, for the head of its report: how it was run, when, under which Node, with which versions of the
 * packages that the script imports, and at which commit of the script's folder. What isn't known is left out.
 */
export async function factsOf(
  source: string,
  file: string,
  mode: "full" | "fast",
  now: Date = new Date(),
): Promise<Fact[]> {
  const folder = dirname(file);
  const names = packagesOf(source, file).filter((name) => !name.includes(":"));
  const [commit, ...versions] = await Promise.all([
    commitOf(folder),
    ...names.map((name) => versionOf(name, folder)),
  ]);
  const facts: [string, string | undefined][] = [
    ["mode", mode],
    ["date", `${now.toISOString().slice(0, 16).replace("T", " ")} UTC`],
    ["Node", process.version.slice(1)],
    ...names.map((name, i): [string, string | undefined] => [name, versions[i]]),
    ["commit", commit],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}
