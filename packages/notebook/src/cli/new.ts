// adjoint-notebook new NAME

import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "./package.ts";
import { tarballsOf } from "./sources.ts";
import { UsageError } from "./usage-error.ts";

/** What npm lets a package be called, without a scope. */
const NAME = /^[a-z0-9][a-z0-9._-]*$/;

/** Lies in the template under another name, since npm takes `.gitignore` for its own and leaves it out. */
const IGNORED = ["gitignore", ".gitignore"] as const;

/**
 * Writes a small project into a new folder. Returns the folder's absolute path. Where this package comes from a tarball, the
 * project installs the same tarballs. Throws `UsageError` where the name can't be a package's, or something is there already.
 *
 * @param root the folder of this package
 */
export function newProject(name: string, root: string = fileURLToPath(packageRoot())): string {
  const folder = resolve(name);
  const own = basename(folder);
  if (!NAME.test(own))
    throw new UsageError(
      `"${own}" can't be a package's name: use small letters, digits, and dashes, such as my-experiment`,
    );
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new UsageError(
      `${relative(process.cwd(), folder) || folder} exists already and is not empty; choose another name, or remove it first`,
    );
  cpSync(join(root, "template"), folder, { recursive: true });
  renameSync(join(folder, IGNORED[0]), join(folder, IGNORED[1]));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  for (const file of ["package.json", "README.md"]) {
    const path = join(folder, file);
    writeFileSync(
      path,
      readFileSync(path, "utf8").replaceAll("{name}", own).replaceAll("{version}", version),
    );
  }
  const manifest = join(folder, "package.json");
  let text = readFileSync(manifest, "utf8");
  for (const [dependency, path] of tarballsOf(root, version)) {
    const from = `file:${relative(folder, path).replaceAll("\\", "/")}`;
    text = text.replace(`"${dependency}": "^${version}"`, `"${dependency}": ${JSON.stringify(from)}`);
  }
  writeFileSync(manifest, text);
  return folder;
}

/** Makes a project and says what to do with it. Returns the exit code. */
export function newCommand(name: string): number {
  const folder = relative(process.cwd(), newProject(name));
  process.stdout.write(`made ${folder}

  cd ${folder}
  npm install
  npm start            runs the experiment and writes its report
  npm run watch        runs it again whenever it is saved
  npm test             tries its properties
`);
  return 0;
}
