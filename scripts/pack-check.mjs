// Makes what is published and uses it as a stranger would: the packages are packed by npm and installed into an empty
// project, without the network; there plain Node trains a network, and a strict TypeScript project compiles and runs
// what the packages' READMEs show. npm run pack:check

import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const packages = ["autograd", "nn", "linalg", "interop"];
/** Packed and looked at here; installed and used, which needs the network, by scripts/template-check.mjs. */
const online = ["notebook"];
const binary = (name) => join(root, "node_modules/.bin", name);
const work = mkdtempSync(join(tmpdir(), "adjoint-pack-"));
const project = join(work, "project");

/** What a command prints. Throws where it fails, with all that it said. */
function run(file, args, cwd = root) {
  try {
    return execFileSync(file, args, { cwd, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    throw new Error(`${file} ${args.join(" ")}\n${error.stdout}${error.stderr}`, { cause: error });
  }
}

let failed = 0;
function step(what, act) {
  try {
    const said = act();
    console.log(`passed  ${what}${said === undefined ? "" : `: ${said}`}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${what}\n${error.message}`);
  }
}

function expectEqual(what, got, wanted) {
  if (got !== wanted)
    throw new Error(`${what}: ${JSON.stringify(got)}, where it should be ${JSON.stringify(wanted)}`);
}

/** Writes a file of the empty project. */
const write = (name, text) => writeFileSync(join(project, name), text);

const tarballs = {};

function pack(name) {
  const [{ filename, files }] = JSON.parse(
    run("npm", ["pack", "--json", "--pack-destination", work], join(root, "packages", name)),
  );
  const tarball = join(work, filename);
  if (packages.includes(name)) tarballs[name] = tarball;
  const packed = files.map(({ path }) => path);
  for (const path of [
    "README.md",
    "LICENSE",
    "package.json",
    "dist/index.js",
    "dist/index.d.ts",
    "src/index.ts",
  ])
    if (!packed.includes(path)) throw new Error(`${filename} lacks ${path}`);
  const stray = packed.find(
    (path) =>
      !/^((dist|src)\/.*\.(d\.ts|js|ts)(\.map)?|(bin|template)\/.*|python\/(adjoint_xla\.py|requirements\.txt)|README\.md|LICENSE|package\.json)$/.test(
        path,
      ),
  );
  if (stray !== undefined) throw new Error(`${filename} has ${stray}, which nobody needs`);
  const license = readFileSync(join(root, "packages", name, "LICENSE"), "utf8");
  expectEqual("its LICENSE", license, readFileSync(join(root, "LICENSE"), "utf8"));
  const manifest = run("tar", ["-xOzf", tarball, "package/package.json"]);
  const protocol = /"(workspace|link|file|catalog):[^"]*"/.exec(manifest);
  if (protocol !== null) throw new Error(`its package.json says ${protocol[0]}, which npm can't install`);
  return `${filename}, ${packed.length} files`;
}

/** What linalg and interop take from the registry, and what that takes, packed here, since there is no network. */
function foreign() {
  const packed = new Map();
  const add = (name, from) => {
    if (packed.has(name)) return;
    const folder = realpathSync(join(from, name));
    const [{ filename }] = JSON.parse(
      run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", work], folder),
    );
    packed.set(name, join(work, filename));
    // pnpm lays what a package needs beside it, in the folder that holds it by its whole name.
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    for (const each of Object.keys(dependencies)) add(each, join(folder, name.replace(/[^/]+/g, "..")));
  };
  add("ml-matrix", join(root, "packages/linalg/node_modules"));
  for (const name of ["fflate", "onnx-proto"]) add(name, join(root, "packages/interop/node_modules"));
  return packed.values();
}

function install() {
  mkdirSync(project);
  write("package.json", JSON.stringify({ name: "stranger", private: true, type: "module" }));
  run(
    "npm",
    ["install", "--offline", "--no-audit", "--no-fund", ...Object.values(tarballs), ...foreign()],
    project,
  );
  // npm would take a second copy from the registry where the range asked for does not match.
  const tree = JSON.parse(run("npm", ["ls", "--all", "--json"], project));
  for (const name of ["@adjoint/nn", "@adjoint/linalg", "@adjoint/interop"]) {
    const { dependencies } = tree.dependencies[name];
    expectEqual(
      `the version ${name} got`,
      dependencies["@adjoint/autograd"].version,
      tree.dependencies["@adjoint/autograd"].version,
    );
  }
}

const training = `
import { compile, randomKey, tensor } from "@adjoint/autograd";
import { mlp, negLogLoss, logistic, sgd, variables } from "@adjoint/nn";

const model = mlp([2, 8, 1], { activation: logistic, key: randomKey(1) });
const x = tensor([[0, 0], [0, 1], [1, 0], [1, 1]]);
const y = tensor([[0], [1], [1], [0]]);
const optimizer = sgd({ learningRate: 1 });
const step = compile(() => optimizer.minimize(() => negLogLoss(model.forward(x), y), variables(model)));
for (let i = 0; i < 3000; i++) step();
console.log(model.forward(x).greater(0.5).toArray().join());
`;

const saving = `
import { keys, load, mlp, variables } from "@adjoint/nn";
import { checkpoints } from "@adjoint/nn/node";

const [before, after] = [0, 1].map((seed) => mlp([2, 1], { key: keys(seed)() }));
checkpoints("run").save(before, { epoch: 3 });
const last = checkpoints("run").latest();
load(after, last.bytes);
console.log(last.counters.epoch, String(variables(before)["0.weight"].value) === String(variables(after)["0.weight"].value));
`;

const settings = {
  compilerOptions: {
    target: "es2023",
    lib: ["es2023", "dom"],
    types: [],
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    // The packages' own declarations are checked as well.
    skipLibCheck: false,
    outDir: "compiled",
    rootDir: ".",
  },
};

/** The first TypeScript block of a document, and what its comments promise that it prints. */
function example(document) {
  const [, code] = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(join(root, document), "utf8"));
  return { code, promised: [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text) };
}

const documents = {
  readme: "README.md",
  autograd: "packages/autograd/README.md",
  nn: "packages/nn/README.md",
  linalg: "packages/linalg/README.md",
  checking: "docs/checking.md",
};

function compileStrictly() {
  for (const [name, document] of Object.entries(documents)) write(`${name}.ts`, example(document).code);
  write("tsconfig.json", JSON.stringify(settings));
  // Beside the package for its part that draws random inputs; taken from here, since there is no network.
  symlinkSync(
    realpathSync(join(root, "packages/autograd/node_modules/fast-check")),
    join(project, "node_modules/fast-check"),
  );
  run(binary("tsc"), ["-p", "."], project);
  write(
    "wrong.ts",
    'import { tensor } from "@adjoint/autograd";\n// @ts-expect-error the inner sizes differ\ntensor([[1, 2, 3]]).matmul(tensor([[1], [2]]));\n',
  );
  run(binary("tsc"), ["-p", ".", "--noEmit"], project);
  run(
    binary("tsc"),
    ["-p", ".", "--noEmit", "--module", "preserve", "--moduleResolution", "bundler"],
    project,
  );
}

function runExample(name) {
  const printed = run(process.execPath, [join("compiled", `${name}.js`)], project);
  const { promised } = example(documents[name]);
  for (const text of promised)
    if (!printed.includes(text)) throw new Error(`it printed\n${printed}\nand not ${text}`);
}

step("build", () => void run("npm", ["run", "build", "--silent"]));
for (const name of [...packages, ...online]) step(`pack @adjoint/${name}`, () => pack(name));
step("npm installs them into an empty project, offline", install);
step("plain node trains a network", () => {
  write("train.mjs", training);
  expectEqual("XOR", run(process.execPath, ["train.mjs"], project).trim(), "0,1,1,0");
});
step("plain node reads back what it saved", () => {
  write("save.mjs", saving);
  expectEqual("the checkpoint", run(process.execPath, ["save.mjs"], project).trim(), "3 true");
});
step("a strict TypeScript project compiles", compileStrictly);
for (const [name, document] of Object.entries(documents))
  step(`plain node runs the first example of ${document}`, () => runExample(name));

rmSync(work, { recursive: true, force: true });
console.log(failed === 0 ? "all passed" : `${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
