// The laboratory in a module worker.

import { expose } from "comlink";
import { createLab } from "./create-lab.ts";

/** What a worker has, as far as it is used here. */
declare const fetch: (
  url: URL,
) => Promise<{ readonly ok: boolean; readonly status: number; arrayBuffer(): Promise<ArrayBuffer> }>;

// Written out, so that bundlers see the file and give it its place beside the page.
const assets: Readonly<Record<string, () => URL>> = {
  "digits.bin": () => new URL("./data/digits.bin", import.meta.url),
};

expose(
  createLab(async (name) => {
    const answer = await fetch(assets[name]!());
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  }),
);
