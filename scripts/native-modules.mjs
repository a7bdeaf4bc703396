// The packages' sources as modules that Node loads by itself, for tests. Vitest's own loader turns every use of an import
// into a look-up in an object and reads all sources anew for each process, which took a sixth of the time of all tests.
//
// Each source becomes one module, without its types. They lie in .cache/modules/, in a folder for each state of the sources:
// two runs at once, one of them after an edit, don't disturb each other.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { transformSync } from "rolldown/utils";

const DAY = 24 * 3600 * 1000;

const packages = ["autograd", "nn", "linalg", "interop", "notebook"];

/** The specifiers of the packages themselves, and their files. */
const entries = {
  "@adjoint/autograd": "autograd/src/index.js",
  "@adjoint/autograd/check": "autograd/src/check/index.js",
  "@adjoint/nn": "nn/src/index.js",
  "@adjoint/nn/node": "nn/src/node/index.js",
  "@adjoint/linalg": "linalg/src/index.js",
  "@adjoint/interop": "interop/src/index.js",
  "@adjoint/notebook": "notebook/src/index.js",
};

const sourcesOf = (root) =>
  packages.flatMap((name) =>
    readdirSync(join(root, "packages", name, "src"), { recursive: true })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => {
        const file = `${name}/src/${path.replaceAll("\\", "/")}`;
        return { file, text: readFileSync(join(root, "packages", file), "utf8") };
      }),
  );

/** A source as a module. Throws SyntaxError where it is none. */
function moduleOf(file, text, source) {
  const { code, map, errors } = transformSync(file, text, {
    target: "es2023",
    sourcemap: true,
    typescript: { rewriteImportExtensions: "rewrite", onlyRemoveTypeImports: true },
  });
  if (errors.length > 0) throw new SyntaxError(`${file}: ${errors.map(({ message }) => message).join("\n")}`);
  const own = code.replace(/^(import .*from )"(@adjoint\/[\w/]+)"/gm, (all, before, name) => {
    const entry = entries[name];
    return entry === undefined ? all : `${before}"./${relative(dirname(file), entry).replaceAll("\\", "/")}"`;
  });
  const inline = Buffer.from(JSON.stringify({ ...map, sources: [source] })).toString("base64");
  return `${own}\n//# sourceMappingURL=data:application/json;base64,${inline}\n`;
}

/** The folder where all sources lie as modules, as they are now. */
function built(root) {
  const sources = sourcesOf(root);
  const hash = createHash("sha256").update(readFileSync(import.meta.filename));
  for (const { file, text } of sources) hash.update(`${file}\n${text.length}\n${text}`);
  const all = join(root, ".cache", "modules");
  const folder = join(all, hash.digest("hex").slice(0, 16));
  mkdirSync(all, { recursive: true });
  const known = readdirSync(all);
  if (known.includes(folder.slice(all.length + 1))) return folder;
  // Folders that are older than a day are taken to be unused.
  for (const name of known)
    if (Date.now() - statSync(join(all, name)).mtimeMs > DAY)
      rmSync(join(all, name), { recursive: true, force: true });
  const unfinished = `${folder}.${process.pid}`;
  for (const { file, text } of sources) {
    const target = join(unfinished, file.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, moduleOf(file, text, join(root, "packages", file)));
  }
  // What a package takes from others is found beside it.
  for (const name of packages) {
    const beside = join(root, "packages", name, "node_modules");
    if (existsSync(beside)) symlinkSync(beside, join(unfinished, name, "node_modules"), "junction");
  }
  try {
    renameSync(unfinished, folder);
  } catch {
    // Another run was there first, with the same.
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** Leads imports of the packages' sources to such modules. Vitest must leave to Node what lies in `nativeModules.folder`. */
export function nativeModules(root) {
  const folder = built(root);
  const sources = `${root.replaceAll("\\", "/")}/packages/`;
  return {
    name: "native-modules",
    enforce: "pre",
    async resolveId(specifier, importer, options) {
      const found = await this.resolve(specifier, importer, { ...options, skipSelf: true });
      const path = found?.id.replaceAll("\\", "/") ?? "";
      if (!path.startsWith(sources)) return null;
      const file = /^((?:autograd|nn|linalg|interop)\/src\/.*)\.ts$/.exec(path.slice(sources.length))?.[1];
      return file === undefined ? null : join(folder, `${file}.js`);
    },
  };
}
