// Tapes for people: text and graphs of what was recorded.

import {
  compile,
  grad,
  gradients,
  jvp,
  Program,
  type Tensor,
  tapeOf,
  tensor,
  variable,
} from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";
import { Dice, seeds, tensorOf } from "../../support/tensors.ts";

/** A layer and its loss. */
function layer() {
  const weight = variable(
    [
      [0.5, -1],
      [2, 0],
    ],
    { name: "weight" },
  );
  const bias = variable([0, 1], { name: "bias" });
  const x = tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const y = (x.matmul(weight as Tensor) as Tensor).add(bias).tanh() as Tensor;
  return { weight, loss: y.square().mean() as Tensor };
}

describe("a tape's text", () => {
  test("has a line for every leaf and step, in order", () => {
    expect(tapeOf(layer().loss).toString()).toMatchInlineSnapshot(`
      "%0 = variable weight: float32 [2, 2]
      %1 = variable bias: float32 [2]
      %2 = constant: float32 [3, 2]
      %3 = matmul(%2, %0): float32 [3, 2]
      %4 = broadcastTo [3, 2](%1): float32 [3, 2]
      %5 = map add(%3, %4): float32 [3, 2]
      %6 = map tanh(%5): float32 [3, 2]
      %7 = map square(%6): float32 [3, 2]
      %8 = mean [1, 1](%7): float32 [1, 1]
      %9 = reshape [](%8): float32 []
      return %9"
    `);
  });

  test("of a function lists what it does to its arguments, and whatever it catches", () => {
    const { weight } = layer();
    const text = tapeOf(
      (a: Tensor, b: Tensor) => [a.mul(weight).max({ axis: 0 }) as Tensor, b.slice(0).cast("float64")],
      tensor([[1, 2]]),
      tensor([5, 6]),
    ).toString();
    expect(text).toMatchInlineSnapshot(`
      "%0 = variable weight: float32 [2, 2]
      %1 = input 0: float32 [1, 2]
      %2 = input 1: float32 [2]
      %3 = broadcastTo [2, 2](%1): float32 [2, 2]
      %4 = map mul(%3, %0): float32 [2, 2]
      %5 = max axes [0](%4): float32 [1, 2]
      %6 = reshape [2](%5): float32 [2]
      %7 = slice 0+1(%2): float32 [1]
      %8 = reshape [](%7): float32 []
      %9 = cast float64(%8): float64 []
      return %6, %9"
    `);
  });

  test("of a derivative shows the derivative's steps, in either mode", () => {
    const f = (x: Tensor) => x.tanh().sum() as Tensor;
    const x = tensor([1, 2]);
    expect(tapeOf((t: Tensor) => grad(f)(t) as Tensor, x).toString()).toMatchInlineSnapshot(`
      "%0 = input 0: float32 [2]
      %1 = identity(%0): float32 [2]
      %2 = map tanh(%1): float32 [2]
      %3 = constant: float32 [2]
      %4 = map d tanh(%2, %3): float32 [2]
      %5 = constantIn(%4, %1): float32 [2]
      return %5"
    `);
    expect(tapeOf((t: Tensor) => jvp(f, t, x).tangent as Tensor, x).toString()).toMatchInlineSnapshot(`
      "%0 = constant: float32 [2]
      %1 = input 0: float32 [2]
      %2 = identity(%1): float32 [2]
      %3 = map tanh(%2): float32 [2]
      %4 = map d tanh(%3, %0): float32 [2]
      %5 = sumTo [1](%4): float32 [1]
      %6 = reshape [](%5): float32 []
      %7 = constantIn(%6, %2): float32 []
      return %7"
    `);
  });

  test("shows the number of a constant, and none for an input, which may be another", () => {
    const text = tapeOf((x: Tensor) => x.mul(tensor(2)) as Tensor, tensor(3) as Tensor).toString();
    expect(text.split("\n")[0]).toMatch(/^%\d = constant 2: float32 \[\]$|^%\d = input 0: float32 \[\]$/);
    expect(text).toContain("= input 0: float32 []");
    expect(text).toContain("= constant 2: float32 []");
  });

  test("of what was never recorded is a single constant", () => {
    expect(tapeOf(tensor([1, 2]).exp() as Tensor).toString()).toBe("%0 = constant: float32 [2]\nreturn %0");
  });
});

describe("a tape's graph", () => {
  test("draws leaves as ellipses, steps as boxes, the result with a double line", () => {
    const w = variable(3, { name: "w" });
    expect(tapeOf(w.mul(w).add(1) as Tensor).toDot()).toMatchInlineSnapshot(`
      "digraph program {
        rankdir=TB;
        node [fontname="sans-serif"];
        n0 [label="variable w\\nfloat32 []", shape=ellipse];
        n1 [label="map mul\\nfloat32 []", shape=box];
        n2 [label="constant 1\\nfloat32 []", shape=ellipse];
        n3 [label="map add\\nfloat32 []", shape=box, peripheries=2];
        n0 -> n1;
        n0 -> n1;
        n1 -> n3;
        n2 -> n3;
      }"
    `);
  });

  test("quotes names, so that any name may be given", () => {
    const odd = variable(1, { name: 'a "quoted" \\ name' });
    const line = tapeOf(odd.neg() as Tensor)
      .toDot()
      .split("\n")
      .find((each) => each.includes("n0 ["))!;
    expect(JSON.parse(/label=("(?:[^"\\]|\\.)*")/.exec(line)![1]!)).toContain('a "quoted" \\ name');
  });
});

describe("a tape's values", () => {
  test("refer only to earlier ones, hold each tensor once, and end in the outputs", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const dice = new Dice(seed);
        const tape = tapeOf(
          (x: Tensor) => {
            const made = [x, x.sin()];
            for (let i = 0; i < 15; i++) {
              const [a, b] = [made[dice.below(made.length)]!, made[dice.below(made.length)]!];
              made.push((dice.below(2) === 0 ? a.mul(b) : a.sub(b)) as Tensor);
            }
            return made.slice(-3);
          },
          tensorOf([1, 2], [2]),
        );
        tape.values.forEach(({ id, origin }, i) => {
          const inputs = origin.kind === "step" ? origin.step.inputs.map((input) => input.id) : [];
          expect(id).toBe(i);
          expect(inputs.every((input) => input >= 0 && input < i)).toBe(true);
          expect(inputs.map((input) => tape.tensors[input])).toEqual(tape.tensors[i]!.step?.inputs ?? []);
        });
        expect(new Set(tape.tensors).size).toBe(tape.values.length);
        expect(tape.outputs).toHaveLength(3);
      }),
      trials(30),
    );
  });

  test("are still those of the moment after a variable has moved on", () => {
    const { weight, loss } = layer();
    const before = tapeOf(loss);
    weight.assign(
      tensor([
        [0, 0],
        [0, 0],
      ]),
    );
    const after = tapeOf(loss);
    expect(after.toString()).toBe(
      before.toString().replace("%0 = variable weight:", "%0 = variable weight, as it was:"),
    );
    expect(after.tensors[0]!.toArray()).toEqual([
      [0.5, -1],
      [2, 0],
    ]);
    // A tape runs: with what the variable held where it has been assigned since, else with what it holds.
    expect((after.run() as Tensor).item()).toBe(loss.item());
    expect((before.run() as Tensor).item()).toBeCloseTo(Math.tanh(1) ** 2 / 2, 6);
  });

  test("come before what was made from them, also where a program left a variable's value and nobody has read it", () => {
    const w = variable([1, 2], { name: "w" });
    const step = compile(() => w.assign(w.value.add(1) as never));
    const total = compile(() => w.square().sum() as Tensor);
    for (let i = 0; i < 2; i++) {
      step();
      const tape = tapeOf(total());
      expect(String(tape)).toBe("%0 = variable w: float32 [2]\n%1 = compiled(%0): float32 []\nreturn %1");
    }
  });

  test("of a long chain are laid out without recursion", () => {
    let y = variable(0).value as Tensor;
    for (let i = 0; i < 100_000; i++) y = y.add(1) as Tensor;
    // The variable, and for each step a sum and a constant.
    expect(tapeOf(y).values).toHaveLength(200_001);
  });
});

test("a tape is a program: it runs on other inputs, is saved, and draws", () => {
  const { weight } = layer();
  const f = (x: Tensor): Tensor => x.mul(weight).sum({ axis: 0 });
  const tape = tapeOf(f, tensor([[1, 2]]));
  const other = tensor([[3, -1]]);
  expect((tape.run(other) as Tensor).toArray()).toEqual(f(other).toArray());
  expect(grad((x: Tensor) => (tape.run(x) as Tensor).sum())(other).toArray()).toEqual([[2.5, -1]]);
  const loaded = Program.fromJSON(JSON.parse(JSON.stringify(tape)));
  expect((loaded.run(other) as Tensor).toArray()).toEqual(f(other).toArray());
  expect(tape.toSVG()).toContain("variable weight");
});

test("arguments that nothing was made from keep their places", () => {
  const [a, b] = [tensor([1, 2]), tensor([5, 6])];
  const second = tapeOf((_: Tensor, y: Tensor) => y.mul(2), a, b);
  expect(second.inputs).toHaveLength(2);
  expect((second.run(a, b) as Tensor).toArray()).toEqual([10, 12]);
  const first = tapeOf((x: Tensor, _: Tensor) => x.mul(2), a, b);
  expect((first.run(a, b) as Tensor).toArray()).toEqual([2, 4]);
  const same = tapeOf((x: Tensor, y: Tensor) => x.sub(y), a, a);
  expect((same.run(a, b) as Tensor).toArray()).toEqual([-4, -4]);
});

test("a tape's tensors can be asked for their cotangents", () => {
  const { loss } = layer();
  const tape = tapeOf(loss);
  // The line "%6 = map tanh(%5)" above; the loss is the mean of its squares.
  const tanh = tape.tensors[6]!;
  expect(gradients(loss, tanh).toArray()).toEqual(tanh.mul(2 / 6).toArray());
});

test("recording a tape leaves nothing watched", () => {
  let leaf: Tensor | undefined;
  tapeOf((x: Tensor) => {
    leaf = x;
    return x.exp();
  }, tensor(1));
  expect((leaf!.mul(2) as Tensor).step).toBeNull();
});
