// Where the other engines lie that `npm run test:interop` installs, or why they are not here.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const place = join(import.meta.dirname, "../../.cache/interop");
const asked = process.env["ADJOINT_INTEROP"] === "1";

interface Peer {
  /** The path of its program, or of the folder from which Node finds it. */
  readonly path: string;
  readonly isHere: boolean;
  /** For the name of what is skipped without it. */
  readonly reason: string;
}

const peer = (name: string, path: string): Peer => {
  const isHere = asked && existsSync(path);
  const why = asked ? `${name} could not be installed` : "it runs in npm run test:interop";
  return { path, isHere, reason: isHere ? "" : ` (skipped: ${why})` };
};

/** The Python of the pinned environment. */
export const python: Peer = peer("the Python environment", join(place, "venv/bin/python"));
/** onnxruntime-node, by `loadOnnxruntime`. */
export const onnxruntime: Peer = peer(
  "onnxruntime-node",
  join(place, "onnxruntime/node_modules/onnxruntime-node"),
);

/** npm's @ricky0123/vad-web (ISC), which ships the networks of Silero VAD (MIT) with their weights. */
export const publicModels: Peer = peer("@ricky0123/vad-web", join(place, "models/package/dist"));

/** onnxruntime-node's module. */
export const loadOnnxruntime = (): unknown =>
  createRequire(join(place, "onnxruntime/package.json"))("onnxruntime-node");
