/** The packages' entries, by their files in packages/, with the names under which they are imported. */
export const entries = {
  "autograd/src/index.ts": "@adjoint/autograd",
  "autograd/src/check/index.ts": "@adjoint/autograd/check",
  "nn/src/index.ts": "@adjoint/nn",
  "nn/src/node/index.ts": "@adjoint/nn/node",
  "nn/src/terminal/index.ts": "@adjoint/nn/terminal",
  "linalg/src/index.ts": "@adjoint/linalg",
  "interop/src/index.ts": "@adjoint/interop",
  "notebook/src/index.ts": "@adjoint/notebook",
};
