// Training steps in XLA: variables and the optimizer's state go in and come out, step after step.

import { type Key, randomKey, record, type Tensor } from "@adjoint/autograd";
import { toStableHLO } from "@adjoint/interop";
import {
  adam,
  conv2d,
  dense,
  dropout,
  flatten,
  keys,
  mlp,
  negLogLossWithLogits,
  sequential,
  sgd,
  tanh,
  variables,
} from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { difference } from "../../autograd/compile/uncertainty.ts";
import { Dice, digits, tensorOf } from "../../support/tensors.ts";
import { python } from "../peers.ts";
import { numbersOf, runOnXLA } from "./xla.ts";

const random = (shape: readonly number[], seed: number) =>
  tensorOf(
    digits(
      shape.reduce((n, size) => n * size, 1),
      new Dice(seed),
    ),
    shape,
    "float32",
  );

interface Model {
  forward(x: Tensor, options: { readonly training: boolean; readonly key: Key }): Tensor;
}

/** The state of the random numbers is a variable, too. */
const key = keys(3);

const dry = mlp([3, 5, 1], { activation: tanh, key: randomKey(1) }) as unknown as Model;
const wet = sequential(
  conv2d(1, 2, 2, { key: randomKey(2) }),
  flatten(),
  dropout(0.5),
  dense(18, 1, { key: randomKey(4) }),
) as unknown as Model;

const numbersIn = (all: readonly { readonly data: unknown }[]) =>
  Float64Array.from(all.flatMap(({ data }) => Array.from(data as ArrayLike<number>)));

const cases = [
  ["a network by adam", dry, adam({ learningRate: 0.05 }), random([4, 3], 1)],
  [
    "a convolution with dropout by sgd with momentum",
    wet,
    sgd({ learningRate: 0.1, momentum: 0.9 }),
    random([4, 1, 4, 4], 2),
  ],
] as const;

describe.runIf(python.isHere)("a training step in XLA goes on from where Adjoint's is, five times:", () => {
  test.each(cases)(
    "%s",
    (_name, model, optimizer, x) => {
      const y = tensorOf([0, 1, 1, 0], [4, 1], "float32");
      const step = (input: Tensor, target: Tensor) =>
        optimizer.minimize(
          () => negLogLossWithLogits(model.forward(input, { training: true, key: key() }), target),
          variables(model as never),
        );
      // The optimizer makes its state in the first step.
      step(x, y);
      const program = record(step, x, y);
      const text = toStableHLO(program);
      const held = program.variables;
      const left = program.outcomes.flatMap(({ variable, value }) =>
        value === undefined ? [] : [variable.face],
      );
      const assigned = held.filter((each) => left.includes(each as never));
      expect(assigned.length).toBeGreaterThan(4);
      // Each step begins where Adjoint's last one ended, so that rounding does not add up.
      const states = Array.from({ length: 5 }, () => {
        const before = held.map((each) => each.value as Tensor);
        step(x, y);
        return before;
      });
      const [answer] = runOnXLA([{ text, given: states.map((before) => [x, y, ...before].map(numbersOf)) }]);
      if (typeof answer === "string") throw new Error(answer);
      states.forEach((before, i) => {
        const compute = () => {
          held.forEach((each, k) => {
            each.assign(before[k]! as never);
          });
          const loss = step(x, y) as Tensor;
          return numbersIn([loss, ...assigned.map((each) => each.value as Tensor)]);
        };
        expect(difference(numbersIn(answer![i]!), compute, "float32")).toBeNull();
      });
    },
    300_000,
  );
});

test.skipIf(python.isHere)(`training steps in XLA${python.reason}`, () => {});
