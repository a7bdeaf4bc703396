// How much of the packages a page carries that imports a few names from them. The packages are built in memory as
// rolldown.config.mjs says, what a page would be is bundled and minified by Rolldown, and the size of what is sent first,
// compressed by gzip, is held against a limit; the table says in which rooms the bytes are. What follows when it is asked for
// is counted apart. npm run check:sizes

import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import configs from "../rolldown.config.mjs";

/**
 * What a page imports, and the most bytes that it may carry for it. Of what is imported without a name nothing may be
 * left, also where a bundler does not read in package.json that loading it has no effect.
 */
const pages = [
  { names: "", from: "@adjoint/autograd", limit: 50 },
  { names: "", from: "@adjoint/nn", limit: 50 },
  { names: "{ grad, tensor }", from: "@adjoint/autograd", limit: 56_500 },
  { names: "{ scalar }", from: "@adjoint/autograd", limit: 20_000 },
  { names: "{ compile, grad, tensor, variable }", from: "@adjoint/autograd" },
  { names: "* as check", from: "@adjoint/autograd/check" },
  { names: "{ adam, dense, fit, sequential }", from: "@adjoint/nn" },
];

const root = new URL("../packages/", import.meta.url);
const built = new Map();
const ways = new Map();
/** Which files bundlers for browsers take in the place of others. */
const instead = new Map();

for (const name of ["autograd", "nn"]) {
  const folder = new URL(`${name}/`, root);
  const config = configs.find(({ cwd }) => `${cwd}/` === fileURLToPath(folder));
  const bundle = await rolldown(config);
  const { output } = await bundle.generate(config.output);
  for (const { type, fileName, code, map } of output)
    if (type === "chunk") built.set(`/${name}/dist/${fileName}`, { code, map });
  const manifest = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
  if (manifest.sideEffects !== false)
    throw new Error(`${manifest.name}: its package.json must say "sideEffects": false`);
  for (const [way, entry] of Object.entries(manifest.exports))
    if (typeof entry === "object")
      ways.set(posix.join(manifest.name, way), posix.join("/", name, entry.default));
  for (const [file, other] of Object.entries(manifest.browser ?? {})) {
    const [from, to] = [file, other].map((each) => posix.join("/", name, each));
    if (!built.has(from) || !built.has(to))
      throw new Error(`${manifest.name} (browser): ${file} or ${other} is missing`);
    instead.set(from, to);
  }
}

/** Finds the packages where they were built. */
const inMemory = (page, moduleSideEffects) => ({
  name: "in-memory",
  resolveId(id, importer) {
    if (id === "page") return id;
    const place = ways.get(id) ?? (id.startsWith(".") ? posix.join(importer, "..", id) : null);
    if (place === null) return { id, external: true };
    return { id: instead.get(place) ?? place, moduleSideEffects };
  },
  load: (id) => (id === "page" ? page : built.get(id)),
});

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The numbers of a segment of a source map, in base 64 with a variable length. */
function numbersOf(segment) {
  const numbers = [];
  let [value, shift] = [0, 0];
  for (const letter of segment) {
    const digit = digits.indexOf(letter);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}

/** How many bytes of a bundle come from each room. */
function roomsOf({ code, map }) {
  const rooms = new Map();
  const lines = code.split("\n");
  let source = 0;
  for (const [l, line] of map.mappings.split(";").entries()) {
    let column = 0;
    let room = "the bundler";
    const upTo = (end) => {
      const bytes = Buffer.byteLength(lines[l].slice(column, end));
      rooms.set(room, (rooms.get(room) ?? 0) + bytes);
      column = end;
    };
    for (const segment of line === "" ? [] : line.split(",")) {
      const [right, sources] = numbersOf(segment);
      upTo(column + right);
      if (sources === undefined) continue;
      source += sources;
      room = /(?:autograd|nn)\/src\/(?:[^/]+(?=\/)|)/.exec(map.sources[source])?.[0] ?? "the bundler";
    }
    upTo(lines[l].length);
  }
  return [...rooms].sort(([, a], [, b]) => b - a);
}

/** A chunk and those that it can't do without. */
const withImports = (chunks, name, found = []) =>
  found.includes(name) || !chunks.has(name)
    ? found
    : chunks.get(name).imports.reduce((all, each) => withImports(chunks, each, all), [...found, name]);

for (const { names, from, limit } of pages) {
  const isNamed = names !== "";
  const kept = names.replace("* as ", "").replace(/[{}]/g, "");
  const statement = isNamed ? `import ${names} from "${from}"` : `import "${from}"`;
  const page = `${statement};\n${isNamed ? `globalThis.page = [${kept}]` : ""}`;
  const bundle = await rolldown({ input: "page", plugins: [inMemory(page, !isNamed)] });
  const { output } = await bundle.generate({ format: "esm", minify: true, sourcemap: true });
  const chunks = new Map(output.filter(({ type }) => type === "chunk").map((each) => [each.fileName, each]));
  const first = withImports(chunks, output[0].fileName);
  const later = [...chunks.keys()].filter((name) => !first.includes(name));
  const [size, more] = [first, later].map((names) =>
    names.reduce((sum, name) => sum + gzipSync(chunks.get(name).code, { level: 9 }).length, 0),
  );
  const bound = limit === undefined ? "" : `, of ${limit.toLocaleString("en")} at most`;
  const following = more === 0 ? "" : `; ${more.toLocaleString("en")} may follow`;
  console.log(`${statement}: ${size.toLocaleString("en")} bytes compressed${bound}${following}`);
  for (const name of [...first, ...later]) {
    const { code } = chunks.get(name);
    if (code.length < 1000) continue;
    const rooms = roomsOf(chunks.get(name)).map(([room, bytes]) => `${room} ${(bytes / 1000).toFixed(1)}`);
    const when = first.includes(name) ? "" : ", later";
    console.log(`  ${(code.length / 1000).toFixed(1)} kB before${when}: ${rooms.join(", ")}`);
  }
  if (size <= (limit ?? Infinity)) continue;
  console.log(
    "  more than its limit: something leads there that did not, or something grew; the rooms above tell which",
  );
  process.exitCode = 1;
}
