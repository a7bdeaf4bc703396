// The command: builds the page and serves it until it is stopped.

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildPage, DIST } from "./build.ts";
import { policy, serve } from "./server.ts";

const USAGE = `npm run playground builds the playground and serves it on this machine.
  -- --build     only builds, into packages/playground/dist, which any static server serves under any path
  -- --out DIR   builds into another folder
  -- --port N    the port (4174)
  -- --no-wasm   forbids WebAssembly by the content security policy; the page is slower then, and says so`;

const { values } = parseArgs({
  options: {
    build: { type: "boolean", default: false },
    out: { type: "string", default: DIST },
    port: { type: "string", default: "4174" },
    "no-wasm": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(USAGE);
else {
  const folder = resolve(values.out);
  await buildPage(folder);
  if (values.build) console.log(`Built: ${folder}`);
  else {
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error(`playground: --port ${values.port} is no port; take a whole number from 0 to 65535`);
    const { url } = await serve({ folder, port, policy: policy(!values["no-wasm"]) });
    console.log(`The playground: ${url}  (Ctrl+C stops it)`);
  }
}
