// From where a new project installs the packages, where that is not the registry.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const NAMES = ["@adjoint/autograd", "@adjoint/nn", "@adjoint/notebook"] as const;

/**
 * The absolute paths of the tarballs that the packages come from, by the packages' names. Packages that npm installed from
 * tarballs are noted in its hidden lock file; in a checkout, `npm run pack` writes them into its root. What comes from the
 * registry is left out.
 *
 * @param root the folder of this package
 * @param version the version of all of them
 */
export function tarballsOf(root: string, version: string): ReadonlyMap<string, string> {
  const lock = join(root, "../../.package-lock.json");
  const found = new Map<string, string>();
  if (existsSync(lock)) {
    const { packages } = JSON.parse(readFileSync(lock, "utf8")) as {
      packages?: Record<string, { resolved?: string }>;
    };
    for (const name of NAMES) {
      const from = packages?.[`node_modules/${name}`]?.resolved;
      // Such paths are relative to the folder that holds node_modules.
      if (from?.startsWith("file:")) found.set(name, resolve(root, "../../..", from.slice("file:".length)));
    }
  } else
    for (const name of NAMES)
      found.set(name, resolve(root, "../..", `${name.slice(1).replace("/", "-")}-${version}.tgz`));
  return new Map([...found].filter(([, path]) => existsSync(path)));
}
