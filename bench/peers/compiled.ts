// Adjoint with `compile` around each step.

import type { Peer } from "../protocol.ts";
import { compileOf, peerWith } from "./adjoint.ts";

export function start(): Promise<Peer> {
  const compile = compileOf();
  if (compile === undefined) return Promise.reject(new Error("@adjoint/autograd has no compile yet"));
  const peer = peerWith(compile);
  const { S1: _, ...workloads } = peer.workloads;
  const cannot = { S1: "compile takes functions of tensors; single numbers run eagerly" };
  return Promise.resolve({ ...peer, workloads, cannot });
}
