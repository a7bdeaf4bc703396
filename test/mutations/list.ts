// Mistakes to make on purpose, room by room: `npm run mutate` makes one after another and says which the tests notice.

import { array } from "./array.ts";
import { batch } from "./batch.ts";
import { check } from "./check.ts";
import { compile } from "./compile.ts";
import { control } from "./control.ts";
import { differentiate } from "./differentiate.ts";
import { expression } from "./expression.ts";
import { interopFiles } from "./interop-files.ts";
import { kernels } from "./kernels.ts";
import { linalg } from "./linalg.ts";
import type { Mutation } from "./mutation.ts";
import { nn } from "./nn.ts";
import { nnFiles } from "./nn-files.ts";
import { notebook } from "./notebook.ts";
import { notebookPages } from "./notebook-pages.ts";
import { notebookScripts } from "./notebook-scripts.ts";
import { onnxImport } from "./onnx-import.ts";
import { primitives } from "./primitives.ts";
import { program } from "./program.ts";
import { scalar } from "./scalar.ts";
import { sequences } from "./sequences.ts";
import { tape } from "./tape.ts";
import { tensor } from "./tensor.ts";
import { training } from "./training.ts";

export const mutations: readonly Mutation[] = [
  ...array,
  ...expression,
  ...kernels,
  ...primitives,
  ...batch,
  ...compile,
  ...scalar,
  ...tape,
  ...tensor,
  ...program,
  ...control,
  ...differentiate,
  ...check,
  ...nn,
  ...sequences,
  ...nnFiles,
  ...interopFiles,
  ...training,
  ...linalg,
  ...onnxImport,
  ...notebook,
  ...notebookPages,
  ...notebookScripts,
];
