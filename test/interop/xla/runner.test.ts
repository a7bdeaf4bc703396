// The runner: interrupted and resumed, what it reads, and what it says where something is amiss.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { zeros } from "@adjoint/autograd";
import { xlaBundle } from "@adjoint/interop";
import { fromSafetensors } from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { python } from "../peers.ts";
import { batchFile, endedAt, lossesIn, ranPython, runs, written } from "./runner.ts";
import { small } from "./small.ts";

const MINUTES = 60_000;
const mesh = { data: 2, model: 2 };
const shardings = {
  inputs: { x: ["data", null], y: ["data", null] },
  variables: {
    "model.0.weight": [null, "model"],
    "model.0.bias": ["model"],
    "model.2.weight": ["model", null],
  },
} as const;

/** A bundle over four devices in a folder of its own, with three batches. */
function bundled() {
  const { program, holder, batches } = small();
  const bundle = xlaBundle(program, holder, { mesh, shardings, names: ["x", "y"] });
  const at = written({ ...bundle, "batches.safetensors": batchFile(batches) });
  const train = (...args: readonly string[]) => [
    ...["train", at("program.mlir"), "--data", at("batches.safetensors")],
    ...args,
  ];
  return { at, train, bundle };
}

describe.skipIf(!python.isHere)(`the runner${python.reason}`, () => {
  test(
    "killed in the middle and resumed, ends with the weights of a run that nobody interrupted, bit for bit",
    async () => {
      const { at, train } = bundled();
      const whole = runs(train("--steps", "400", "--out", at("whole.safetensors")));
      const keeping = ["--checkpoint", at("checkpoint.safetensors"), "--every", "10", "--resume"];
      const begun = await endedAt("step 137 ", train("--steps", "400", ...keeping));
      // It wrote checkpoints, and no end.
      expect(begun).not.toContain("step 400 ");
      const { metadata } = fromSafetensors(readFileSync(at("checkpoint.safetensors")));
      const reached = Number(metadata["adjoint.steps"]);
      expect(reached).toBeGreaterThanOrEqual(130);
      expect(reached % 10).toBe(0);
      const resumed = runs(train("--steps", "400", "--out", at("resumed.safetensors"), ...keeping));
      const [wanted, losses] = [whole.out, resumed.out].map(lossesIn) as [
        Map<number, number>,
        Map<number, number>,
      ];
      expect(losses.size).toBe(400 - reached);
      for (const [step, loss] of losses) expect(loss, `step ${step}`).toBe(wanted.get(step));
      const [a, b] = ["whole", "resumed"].map((name) => readFileSync(at(`${name}.safetensors`))) as [
        Buffer,
        Buffer,
      ];
      expect(a.equals(b)).toBe(true);
    },
    10 * MINUTES,
  );

  test(
    "gives the same losses from a portable artifact, and from batches in npz",
    () => {
      const { at, train } = bundled();
      const plain = runs(train("--steps", "4"));
      expect(lossesIn(plain.out).size).toBe(4);
      expect(runs(["export", at("program.mlir"), at("program.bin")]).error).toBe("");
      const code = `import numpy, safetensors.numpy as s; numpy.savez(${JSON.stringify(at("batches.npz"))}, **s.load_file(${JSON.stringify(at("batches.safetensors"))}))`;
      expect(ranPython(["-c", code]).status).toBe(0);
      for (const args of [
        ["train", at("program.bin"), "--data", at("batches.safetensors"), "--steps", "4"],
        ["train", at("program.mlir"), "--data", at("batches.npz"), "--steps", "4"],
      ])
        expect(runs(args).out).toBe(plain.out);
      expect(readFileSync(at("program.bin")).subarray(5, 14).toString()).toBe("StableHLO");
    },
    10 * MINUTES,
  );

  test(
    "says what is amiss with data, devices and options",
    () => {
      const { at, train } = bundled();
      const steps = ["--steps", "1"];
      const wrong = written({
        "other.safetensors": batchFile({ x: zeros([8, 4]) }),
        "uneven.safetensors": batchFile({ x: zeros([2, 8, 4]), y: zeros([3, 8, 2]) }),
      });
      for (const [args, message] of [
        [
          train(...steps, "--data", wrong("other.safetensors")),
          "has x float32 [8, 4]; the step takes x float32 [8, 4], y float32 [8, 2]",
        ],
        [train(...steps, "--data", wrong("uneven.safetensors")), "or as many of each along a first axis"],
        [train(...steps, "--devices", "2"), "the program is split over 4 devices, and there are 2"],
        [train(...steps, "--resume"), "give --checkpoint"],
        [train("--weights", at("none.safetensors"), ...steps), "No such file"],
      ] as const) {
        const { status, error } = runs(args);
        expect(status).not.toBe(0);
        expect(error).toContain(message);
      }
    },
    10 * MINUTES,
  );

  describe("says, where JAX is another one than it was written for,", () => {
    const runner = join(import.meta.dirname, "../../../packages/interop/python/adjoint_xla.py");
    /** Runs the runner in a process in which something has been taken from JAX. */
    const without = (code: string) =>
      ranPython([
        "-c",
        `import runpy, sys; ${code}; sys.argv = ["adjoint_xla.py", "export"]; runpy.run_path(${JSON.stringify(runner)}, run_name="__main__")`,
      ]);

    test.each([
      [
        "a call that is gone",
        "import jax._src.lib as l; del l._jax.Client.compile_and_load",
        "type object 'Client' has no attribute 'compile_and_load'",
      ],
      [
        "a name that has moved",
        "import jax.extend.backend as b; del b.get_compile_options",
        "cannot import name 'get_compile_options' from 'jax.extend.backend'",
      ],
      ["a module that is missing", "sys.modules['safetensors.numpy'] = None", "safetensors.numpy"],
    ])("%s", (_, code, message) => {
      const { status, error } = without(code);
      expect(status).toBe(1);
      expect(error).toMatch(/^adjoint-xla: /);
      expect(error).toContain(message);
      expect(error).toContain("written for jax 0.10.2, which `npx adjoint-xla setup` installs");
      expect(error).not.toContain("Traceback");
    });

    test("and nothing where it is that one", () => {
      const { error } = without("pass");
      expect(error).toContain("the following arguments are required: program, to");
    });
  });
});
