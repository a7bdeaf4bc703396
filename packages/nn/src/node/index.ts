// The public names of @adjoint/nn/node: what needs Node's files.

export { type Checkpoint, type CheckpointOptions, type Checkpoints, checkpoints } from "./checkpoints.ts";
