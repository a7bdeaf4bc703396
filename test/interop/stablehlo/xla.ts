// XLA as another engine that runs what toStableHLO writes: one Python process for many modules.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { DType, Tensor } from "@adjoint/autograd";
import { python } from "../peers.ts";

/** Numbers of a type and shape, row-major. */
export interface Numbers {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** A tensor's numbers. */
export const numbersOf = ({ dtype, shape, data }: Tensor): Numbers => ({
  dtype,
  shape,
  data: data as ArrayLike<number>,
});

export interface Job {
  readonly text: string;
  /** Arguments of each run of the module. */
  readonly given: readonly (readonly Numbers[])[];
}

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array } as const;

const toBase64 = ({ dtype, data }: Numbers) =>
  Buffer.from(arrays[dtype].from(data).buffer).toString("base64");

function fromBase64(dtype: DType, data: string): ArrayLike<number> {
  const bytes = Uint8Array.from(Buffer.from(data, "base64"));
  return new arrays[dtype](bytes.buffer);
}

interface Written {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: string;
}

/** What XLA's CPU gives for each run of each job, or the text of its error. */
export function runOnXLA(jobs: readonly Job[]): readonly (readonly (readonly Numbers[])[] | string)[] {
  const lines = jobs.map(({ text, given }) =>
    JSON.stringify({
      text,
      given: given.map((args) =>
        args.map((each) => ({ dtype: each.dtype, shape: each.shape, data: toBase64(each) })),
      ),
    }),
  );
  const { stdout, stderr, status } = spawnSync(python.path, [join(import.meta.dirname, "run.py")], {
    input: `${lines.join("\n")}\n`,
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  const answers = stdout.trim().split("\n");
  if (status !== 0 || answers.length !== jobs.length)
    throw new Error(`XLA answered ${answers.length} of ${jobs.length} jobs: ${stderr.slice(-2000)}`);
  return answers.map((line) => {
    const answer = JSON.parse(line) as { results?: readonly Written[][]; error?: string };
    return (
      answer.results?.map((run) =>
        run.map(({ dtype, shape, data }) => ({ dtype, shape, data: fromBase64(dtype, data) })),
      ) ?? answer.error!
    );
  });
}
