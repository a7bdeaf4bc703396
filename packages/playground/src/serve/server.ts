// A static server of the built page, for one's own machine.

import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, sep } from "node:path";
import { gzipSync } from "node:zlib";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".bin": "application/octet-stream",
  ".json": "application/json",
};

/** What the page may do: run its own files and nothing else; with WebAssembly, or without. */
export const policy = (allowsWebAssembly: boolean): string =>
  [
    "default-src 'none'",
    `script-src 'self'${allowsWebAssembly ? " 'wasm-unsafe-eval'" : ""}`,
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");

export interface ServeOptions {
  /** The folder that holds index.html. */
  readonly folder: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** The path under which the page is served: "/" unless told. */
  readonly base?: string;
  /** The policy sent with each file; none where it is absent, as a plain static server does. */
  readonly policy?: string;
}

export interface Serving {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** The file that an address means; undefined for one outside of the folder or the base, or that is no address. */
function fileOf(folder: string, base: string, address: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(new URL(address, "http://localhost").pathname);
  } catch {
    return undefined;
  }
  if (!path.startsWith(base)) return undefined;
  const file = join(folder, normalize(path.slice(base.length) || "index.html"));
  return file.startsWith(folder + sep) ? file : undefined;
}

/** Serves a folder on this machine alone, packed where the browser takes it. Rejects where the port is taken. */
export async function serve({ folder, port = 0, base = "/", policy: sent }: ServeOptions): Promise<Serving> {
  /** What has been packed, by what was packed: a file that changes is packed anew. */
  const packed = new Map<string, { readonly content: Buffer; readonly as: Buffer }>();
  const packedOf = (file: string, content: Buffer): Buffer => {
    const known = packed.get(file);
    if (known?.content.equals(content) === true) return known.as;
    const as = gzipSync(content);
    packed.set(file, { content, as });
    return as;
  };
  const server: Server = createServer((request, response) => {
    const file = fileOf(folder, base, request.url ?? "/");
    const reply = async () => {
      const content = await readFile(file!);
      const isPacked = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
      response.writeHead(200, {
        "content-type": TYPES[extname(file!)] ?? "application/octet-stream",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        ...(isPacked ? { "content-encoding": "gzip" } : {}),
        ...(sent === undefined ? {} : { "content-security-policy": sent }),
      });
      response.end(isPacked ? packedOf(file!, content) : content);
    };
    const refuse = () => response.writeHead(404, { "content-type": "text/plain" }).end("Not found\n");
    if (file === undefined) refuse();
    else reply().catch(refuse);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
