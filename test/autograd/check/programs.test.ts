// What random programs are made of, and what becomes of them when they shrink.

import { activation, definePrimitive, type Tensor, tensor } from "@adjoint/autograd";
import { type Program, programs } from "@adjoint/autograd/check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isStep, type StepNode } from "../../../packages/autograd/src/check/drawn-program.ts";
import { operations } from "../../../packages/autograd/src/check/operations.ts";
import { simplerPrograms } from "../../../packages/autograd/src/check/simplify-program.ts";
import { jvp, vjp } from "../../../packages/autograd/src/differentiate/transforms.ts";
import { vocabulary } from "../../../packages/autograd/src/expression/vocabulary.ts";
import * as table from "../../../packages/autograd/src/primitives/table.ts";
import { interpose } from "../../../packages/autograd/src/tape/interpose.ts";
import { trials } from "../../support/runs.ts";

const drawn: readonly Program[] = fc.sample(programs({ maxSteps: 20 }), { numRuns: 1200, seed: 1 });
const steps: readonly StepNode[] = drawn.flatMap((program) => program.steps);

/** The primitives that run while a program and its derivatives do. */
function primitivesOf(program: Program): Set<string> {
  const names = new Set<string>();
  const replace = <P extends { readonly name: string }>(primitive: P): P => {
    names.add(primitive.name);
    return primitive;
  };
  interpose({ replace }, () => {
    const f = (inputs: readonly Tensor[]) => program.run(...inputs);
    const floats = program.point.filter((each) => each.dtype === program.dtype);
    if (floats.length < program.point.length) return;
    const { value, pullback } = vjp(f, floats);
    pullback((value as Tensor[]).map((each) => each.mul(0)));
    jvp(f, floats, floats);
  });
  return names;
}

describe("random programs", () => {
  test("use every elementwise function, and every other operation there is for them", () => {
    const used = new Set(steps.map((step) => step.operation.name));
    expect(vocabulary.map((entry) => entry.name).filter((name) => !used.has(name))).toEqual([]);
    expect(operations.map((each) => each.name).filter((name) => !used.has(name))).toEqual([]);
  });

  test("reach every primitive of the table that has a derivative", () => {
    const names = Object.values(table).map((primitive) => primitive.name);
    // Random numbers and one-hot rows have none; identity and constantIn arise in nested transforms only.
    const missing = new Set(
      names.filter((name) => !/^random|^splitKey$|^oneHot$|^identity$|^constantIn$/.test(name)),
    );
    for (const program of drawn) {
      if (missing.size === 0) break;
      for (const name of primitivesOf(program)) missing.delete(name);
    }
    expect([...missing]).toEqual([]);
  });

  test("have fan-out, repeated operands, broadcasting and several outputs", () => {
    const share = (has: (program: Program) => boolean) => drawn.filter(has).length / drawn.length;
    const uses = (program: Program) => program.steps.flatMap((step) => [...new Set(step.operands)]);
    expect(share((program) => new Set(uses(program)).size < uses(program).length)).toBeGreaterThan(0.3);
    expect(
      share((program) => program.steps.some(({ operands }) => new Set(operands).size < operands.length)),
    ).toBeGreaterThan(0.2);
    expect(share((program) => program.outputs.length > 1)).toBeGreaterThan(0.3);
    const broadcasts = (program: Program) => {
      const values = program.evaluate();
      return program.steps.some(({ operation, operands }) => {
        const shapes = new Set(operands.map((operand) => String(values.get(operand)!.shape)));
        return shapes.size > 1 && vocabulary.some((entry) => entry.name === operation.name);
      });
    };
    expect(share(broadcasts)).toBeGreaterThan(0.2);
  });

  test("give finite numbers and run again as they did", () => {
    for (const program of drawn.slice(0, 200)) {
      const [first, second] = [program.run(...program.point), program.run(...program.point)];
      expect(second.map((each) => [...each.data])).toEqual(first.map((each) => [...each.data]));
      expect(first.every((each) => [...each.data].every(Number.isFinite))).toBe(true);
    }
  });

  test("are the same for the same seed", () => {
    const again = fc.sample(programs({ maxSteps: 20 }), { numRuns: 50, seed: 1 });
    expect(again.map(String)).toEqual(drawn.slice(0, 50).map(String));
  });

  test("hold between the fewest and the most steps that were asked for", () => {
    for (const program of fc.sample(programs({ minSteps: 10, maxSteps: 30 }), { numRuns: 200, seed: 2 })) {
      expect(program.steps.length).toBeGreaterThanOrEqual(10);
      // The last operation may need four others that bring its operands into its domain.
      expect(program.steps.length).toBeLessThanOrEqual(34);
    }
  });
});

describe("a planted function is used at least once", () => {
  const mish = activation("mish", (x) => x.mul(x.softplus().tanh()));
  const dotted = definePrimitive({
    name: "dotted",
    shape: ([a, b]) => {
      if (a!.length !== 1 || String(a) !== String(b)) throw new Error("vectors of one length");
      return [];
    },
    value: ([a, b], out) => {
      a!.data.forEach((x: number, i: number) => {
        out[0]! += x * b!.data[i]!;
      });
    },
    pullback: ({ inputs: [a, b] }, dy) => [dy.mul(b!), dy.mul(a!)],
    examples: [{ shapes: [[3], [3]], between: [0.5, 2] }],
  });
  const plants = {
    "an activation": mish,
    "a primitive with operands that rarely fit": dotted,
    "any function of tensors": { name: "centred", call: (x: Tensor) => x.sub(x.mean() as Tensor) },
  };
  test.each(Object.entries(plants))("%s", (_, plant) => {
    for (const program of fc.sample(programs({ plant: [plant] }), { numRuns: 100, seed: 3 })) {
      const uses = program.steps.filter((step) => step.operation.source !== undefined);
      expect(uses.length).toBeGreaterThan(0);
      expect(new Set(uses.map((step) => step.operation.name)).size).toBe(1);
    }
  });

  test("within the interval that it asks for", () => {
    for (const program of fc.sample(programs({ plant: [dotted] }), { numRuns: 100, seed: 4 })) {
      const values = program.evaluate();
      for (const { operation, operands } of program.steps)
        if (operation.name === "dotted")
          for (const operand of operands)
            for (const x of values.get(operand)!.data) expect(x > 0.5 && x < 2).toBe(true);
    }
  });

  test("or else it says what it lacks", () => {
    const never = { name: "never", call: (): Tensor => tensor(NaN) };
    expect(() => fc.sample(programs({ plant: [never] }), 1)).toThrow(
      /no operands were found on which "never".*shapes/,
    );
  });
});

describe("shrinking", () => {
  test("offers only programs that run and give finite numbers", () => {
    fc.assert(
      fc.property(programs({ maxSteps: 8 }), (program) => {
        let seen = 0;
        for (const simpler of simplerPrograms(program)) {
          for (const output of simpler.run(...simpler.point))
            expect([...output.data].every(Number.isFinite)).toBe(true);
          if (++seen > 60) break;
        }
      }),
      trials(30, 300),
    );
  });

  test("ends, at one step on single numbers, where everything fails", () => {
    const { counterexample } = fc.check(
      fc.property(programs({ minSteps: 10, maxSteps: 30 }), (_: Program) => false),
      { seed: 5 },
    );
    const [program] = counterexample!;
    expect(program.steps.length).toBe(1);
    expect(
      program.nodes.filter((node) => !isStep(node)).every((node) => !isStep(node) && node.values.length <= 1),
    ).toBe(true);
  });

  test("keeps what makes it fail: here a product of matrices with an element above 1", () => {
    const fails = (program: Program) => {
      const values = program.evaluate();
      return program.steps.some(
        (step) => step.operation.name === "matmul" && [...values.get(step)!.data].some((x) => x > 1),
      );
    };
    const { counterexample, failed } = fc.check(
      fc.property(programs({ minSteps: 10, maxSteps: 20 }), (program) => !fails(program)),
      { seed: 7, numRuns: 1000 },
    );
    expect(failed).toBe(true);
    const [program] = counterexample!;
    expect(fails(program)).toBe(true);
    expect(program.steps.map((step) => step.operation.name)).toEqual(["matmul"]);
    expect(program.inputs.every((input) => input.shape.every((n) => n === 1))).toBe(true);
    expect(program.inputs.every((input) => input.values.every((x) => Number.isInteger(x) && x <= 2))).toBe(
      true,
    );
  });
});
