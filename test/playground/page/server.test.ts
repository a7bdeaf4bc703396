// The playground's static server, asked as no browser would.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { policy, serve } from "../../../packages/playground/src/serve/server.ts";

const outer = mkdtempSync(join(tmpdir(), "served-"));
mkdirSync(join(outer, "in"));
writeFileSync(join(outer, "secret.txt"), "secret");
writeFileSync(join(outer, "in", "index.html"), "<p>page</p>");
afterAll(() => rmSync(outer, { recursive: true }));

/** Asks for a path as it stands: `fetch` would tidy it first. */
const ask = async (url: string, path: string) => {
  const { hostname, port } = new URL(url);
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    get({ hostname, port, path }, resolve).on("error", reject),
  );
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString() };
};

test("gives the page with its policy, nothing outside of its folder, and stays up whatever it is asked", async () => {
  const serving = await serve({ folder: join(outer, "in"), policy: policy(false), base: "/a/" });
  for (const path of [
    "/a/../secret.txt",
    "/a/..%2fsecret.txt",
    "/a/%2e%2e/secret.txt",
    "/a/%",
    "/",
    "/secret.txt",
    "/a/none",
  ])
    expect((await ask(serving.url, path)).status, path).toBe(404);
  const { status, text, headers } = await ask(serving.url, "/a/");
  expect([status, text]).toEqual([200, "<p>page</p>"]);
  expect(headers["content-security-policy"]).toMatch(/script-src 'self';/);
  expect(policy(true)).toMatch(/script-src 'self' 'wasm-unsafe-eval';/);
  await serving.close();
});

test("says when its port is taken", async () => {
  const first = await serve({ folder: outer });
  await expect(serve({ folder: outer, port: Number(new URL(first.url).port) })).rejects.toThrow(/EADDRINUSE/);
  await first.close();
});
