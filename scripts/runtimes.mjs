// Runs what is published under Node, Deno, Bun and Chromium: the same networks, trained eagerly and compiled in every
// build that the engine has, must end where Node's eager run ends. npm run test:runtimes
//
// Deno and Bun come from the npm registry (about 100 MB each, kept in npm's cache); Chromium is used where it is found.

import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const program = "scripts/runtimes-program.mjs";
const browsers = ["chromium", "chromium-browser", "google-chrome"];

const built = spawnSync("npm", ["run", "build", "--silent"], {
  cwd: root,
  stdio: ["ignore", "ignore", "inherit"],
});
if (built.status !== 0) process.exit(1);

/** The last line of what a command prints, which is the program's answer. */
function answer(file, args) {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    cwd: root,
    encoding: "utf8",
    timeout: 300_000,
  });
  if (status === 0) return JSON.parse(stdout.trim().split("\n").at(-1));
  throw new Error(
    String(error ?? stderr)
      .trim()
      .split("\n")
      .slice(0, 3)
      .join(" "),
  );
}

/** Which files of a package bundlers for browsers take in the place of others. */
const { browser: instead } = JSON.parse(readFileSync(join(root, "packages/autograd/package.json"), "utf8"));
const kernelsLater = Object.fromEntries(
  Object.entries(instead).map((pair) => pair.map((file) => `/packages/autograd/${file.slice(2)}`)),
);

/** What the program answers in a page, which is served as it lies here, with some files in the place of others. */
async function inBrowser(browser, others = {}) {
  const imports = {
    "@adjoint/autograd": "/packages/autograd/dist/index.js",
    "@adjoint/nn": "/packages/nn/dist/index.js",
    ...others,
  };
  const page = `<script type="importmap">${JSON.stringify({ imports })}</script>
<body>waiting<script type="module">
  import { run } from "/${program}";
  try { document.body.textContent = JSON.stringify(await run()); }
  catch (error) { document.body.textContent = String(error.stack); }
</script>`;
  const server = createServer(({ url }, response) => {
    const isPage = url === "/";
    const file = join(root, url);
    if (!isPage && !/^\/(packages\/\w+\/dist|scripts)\/[\w./-]+$/.test(url))
      return response.writeHead(404).end();
    response.setHeader("content-type", isPage ? "text/html" : "text/javascript");
    return response.end(isPage ? page : readFileSync(file));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const profile = mkdtempSync(join(tmpdir(), "adjoint-"));
  const args = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
  ];
  args.push(
    "--disable-component-update",
    "--disable-sync",
    `--user-data-dir=${profile}`,
    "--virtual-time-budget=120000",
    "--dump-dom",
  );
  try {
    const dom = await new Promise((done, fail) => {
      const url = `http://127.0.0.1:${server.address().port}/`;
      execFile(browser, [...args, url], { timeout: 120_000 }, (error, out) =>
        error ? fail(error) : done(out),
      );
    });
    const [, text] = /<body>([^<]*)/.exec(dom) ?? [];
    return JSON.parse(text);
  } finally {
    server.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

const found = browsers.find((name) => spawnSync(name, ["--version"]).status === 0);
const runtimes = {
  "Node (this one)": () => answer(process.execPath, [program]),
  "Node 24": () => answer("npx", ["--yes", "node@24", program]),
  Deno: () => answer("npx", ["--yes", "deno@2", "run", "--allow-all", program]),
  Bun: () => answer("npx", ["--yes", "bun@1", program]),
  ...(found && {
    [found]: () => inBrowser(found),
    [`${found}, kernels of large arrays later`]: () => inBrowser(found, kernelsLater),
  }),
};
if (!found) console.log(`no browser is found (${browsers.join(", ")}): none is tried`);

let [passed, failed] = [0, 0];
let reference;
for (const [name, run] of Object.entries(runtimes)) {
  try {
    const { engine, losses } = await run();
    reference ??= losses.eager;
    for (const [how, loss] of Object.entries(losses)) {
      // After 50 steps in float64, rounding has grown to some 1e-13 of the loss; a wrong kernel is off in all digits.
      const isRight = Math.abs(loss - reference) <= 1e-10 * reference;
      if (isRight) passed++;
      else failed++;
      console.log(`${isRight ? "passed" : "FAILED"}  ${name} (${engine}), ${how}: loss ${loss}`);
    }
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}: ${error.message}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
