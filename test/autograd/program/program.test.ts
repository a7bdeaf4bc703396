// Programs as values: what is recorded, run, printed, saved and read back.

import {
  activation,
  atom,
  checkpoint,
  compile,
  definePrimitive,
  full,
  grad,
  guarded,
  normal,
  Program,
  randomKey,
  record,
  type Tensor,
  tensor,
  type Variable,
  variable,
} from "@adjoint/autograd";
import { programs } from "@adjoint/autograd/check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs, trials } from "../../support/runs.ts";
import { Dice, numbers, vector } from "../../support/tensors.ts";
import { difference } from "../compile/uncertainty.ts";

const parameter = (name: string, ...values: number[]): Variable => variable(vector(...values), { name });
const sum = (x: Tensor): Tensor => x.sum();
const through = (program: Program, given = {}) =>
  Program.fromJSON(JSON.parse(JSON.stringify(program)) as unknown, given);

describe("a recorded program", () => {
  const w = parameter("w", 2, 3);
  const step = (x: Tensor, { scale }: { scale: Tensor }) => {
    const y = w.mul(x).tanh();
    w.assign(w.value.sub(y));
    return { y: y.mul(scale), seven: vector(7) };
  };
  const program = record(step, vector(1, 2), { scale: vector(5, 5) });

  test("lists inputs, variables, steps and outputs, and changes nothing when it is made", () => {
    expect(program.inputs.map(({ shape }) => shape)).toEqual([[2], [2]]);
    expect(program.variables).toEqual([w]);
    expect(program.steps.map(({ primitive }) => primitive.name)).toEqual(["map", "map", "map", "map"]);
    expect(program.outputs.map(({ origin }) => origin.kind)).toEqual(["step", "constant"]);
    expect(numbers(w)).toEqual([2, 3]);
  });

  test("prints a line for each value, and what is left behind", () => {
    expect(String(program)).toMatchInlineSnapshot(`
      "%0 = input 0: float64 [2]
      %1 = input 1: float64 [2]
      %2 = variable w: float64 [2]
      %3 = map mul(%2, %0): float64 [2]
      %4 = map tanh(%3): float64 [2]
      %5 = map sub(%2, %4): float64 [2]
      %6 = map mul(%4, %1): float64 [2]
      %7 = constant: float64 [1]
      variable w ← %5
      return %6, %7"
    `);
  });

  test("draws itself for Graphviz and as a picture", () => {
    expect(program.toDot()).toContain('[label="map tanh\\nfloat64 [2]", shape=box');
    expect(program.toDot().match(/->/g)).toHaveLength(7);
    const svg = program.toSVG();
    expect(svg.match(/<rect/g)).toHaveLength(program.values.length);
    expect(svg.match(/<line/g)).toHaveLength(7);
    expect(svg).toContain("map tanh");
  });

  test("is drawn with each value below all that it is made of, in words that are short and escaped", () => {
    const [odd, long] = [parameter('a <b> "c" & d', 1), parameter("a name that goes on and on", 1)];
    // The last operation is made of the first and of a chain of three.
    const drawn = record((x: Tensor) => x.mul(odd).exp().mul(long).add(x), vector(1)).toSVG();
    const heights = [...drawn.matchAll(/<text x="[\d.]+" y="(\d+)">([^<]*)</g)].map(([, y, words]) => [
      words!,
      Number(y),
    ]);
    const first = Math.min(...heights.map(([, y]) => Number(y)));
    const rows = heights.map(([words, y]) => [words, (Number(y) - first) / 72]);
    expect(rows).toEqual([
      ["input 0", 0],
      ["variable a &#60;b&#62; &#34;c&#34; &#38; d", 0],
      ["variable a name that go…", 0],
      ["map mul", 1],
      ["map exp", 2],
      ["map mul", 3],
      ["map add", 4],
    ]);
    // Arrows lead downwards, from the lower edge of a box to the upper edge of another.
    for (const [, from, to] of drawn.matchAll(/<line [^>]*y1="([\d.]+)" [^>]*y2="([\d.]+)"/g))
      expect(Number(to) - Number(from)).toBeGreaterThanOrEqual(32);
    expect(drawn.match(/rx="20"/g)).toHaveLength(3);
    expect(drawn.match(/stroke-width="2.5"/g)).toHaveLength(1);
  });

  test("runs as the function does, on its arguments and variables", () => {
    w.assign(vector(2, 3));
    const expected = step(vector(1, 2), { scale: vector(5, 5) });
    const after = numbers(w);
    w.assign(vector(2, 3));
    const result = program.run(vector(1, 2), { scale: vector(5, 5) }) as typeof expected;
    expect(numbers(result.y)).toEqual(numbers(expected.y));
    expect(numbers(result.seven)).toEqual([7]);
    expect(numbers(w)).toEqual(after);
  });

  describe("leaves the gradients that the function leaves", () => {
    const v = parameter("v", 2, 3);
    const other = parameter("other", 1);
    const loss = () => sum(v.square()).add(sum(other)).backward();
    const double = () => v.assign(v.value.mul(2));
    const putBack = () => {
      const kept = v.grad!;
      double();
      v.addGrad(kept);
    };
    const doubleAndAdd = () => {
      double();
      loss();
    };
    const begin = (has: boolean) => {
      v.assign(vector(2, 3));
      other.clearGrad();
      if (has) loss();
    };
    const left = (run: () => void, has: boolean) => {
      begin(has);
      run();
      return [v, other].map((each) => [numbers(each), each.grad && numbers(each.grad)]);
    };
    // Whether there was a gradient when it was recorded, and whether there is one when it runs.
    test.each([
      ["by assigning", double, true, true],
      ["by assigning, where there is none", double, false, false],
      ["by assigning, where there was none when it was recorded", double, false, true],
      ["by putting back the one that it found", putBack, true, true],
      ["by adding to it", loss, true, true],
      ["by adding to none", loss, false, false],
      ["by clearing it", () => v.clearGrad(), true, true],
      ["by assigning and adding", doubleAndAdd, true, true],
    ])("%s", (_, f, whenRecorded, whenRun) => {
      begin(whenRecorded);
      const again = record(f);
      expect(left(() => again.run(), whenRun)).toEqual(left(f, whenRun));
      begin(whenRecorded);
      const compiled = compile(f);
      expect(left(() => compiled(), whenRun)).toEqual(left(f, whenRun));
    });
  });

  test("is differentiated, compiled and recorded as the function is", () => {
    const square = record((x: Tensor) => sum(x.mul(w).square()), vector(1, 2));
    const f = (x: Tensor) => square.run(x) as Tensor;
    w.assign(vector(2, 3));
    expect(numbers(grad(f)(vector(1, 2)))).toEqual([8, 36]);
    expect(numbers(compile(f)(vector(1, 2)))).toEqual([40]);
    f(vector(1, 2)).backward();
    expect(numbers(w.grad!)).toEqual([4, 24]);
    w.clearGrad();
    expect(String(record(f, vector(1, 2)))).toBe(String(square));
  });

  test("refuses arguments that are not those of its examples, and numbers while it is recorded", () => {
    expect(() => program.run(vector(1), { scale: vector(5, 5) })).toThrow(
      "has shape [1], and the program was recorded for [2]",
    );
    expect(() => program.run(tensor([1, 2]), { scale: vector(5, 5) })).toThrow(
      "is float32, and the program was recorded for float64",
    );
    const single = record((x: Tensor) => x.exp(), tensor([1, 2]));
    expect(() => single.run(vector(1, 2))).toThrow(
      "is float64, and the program was recorded for float32; cast it",
    );
    expect(() => single.run(tensor([1, 2], { dtype: "int32" }))).toThrow("is int32, and the program");
    expect(() => single.run(tensor([1, 2]).greater(1))).toThrow("is bool, and the program");
    expect(() => program.run(vector(1, 2))).toThrow("not of the form of the examples");
    expect(() => record((x: Tensor) => x.item(), vector(1))).toThrow(
      "are asked for while the function is being compiled",
    );
    expect(() => record(async () => 1)).toThrow("the function is async");
  });

  test("gives one tensor for what the function returns in two places", () => {
    const [v, c] = [parameter("v", 1), vector(7)];
    const f = (x: Tensor) => {
      const y = x.mul(2);
      return [x, c, v.value, y, x, c, v.value, y];
    };
    const samenesses = (results: readonly Tensor[]) => results.map((each) => results.indexOf(each));
    const results = record(f, vector(1)).run(vector(3)) as Tensor[];
    expect(samenesses(results)).toEqual(samenesses(f(vector(3))));
    expect(samenesses(results)).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
  });

  test("can't be made with a variable that a recorded function made of its numbers and kept", () => {
    let kept: Variable | undefined;
    const f = (x: Tensor) => {
      kept ??= variable(x.mul(2), { name: "kept" });
      return kept.value.add(x);
    };
    for (const again of [
      () => record(f, vector(1)),
      () => record((x: Tensor) => kept!.mul(x), vector(1)),
      () => compile(f)(vector(1)),
      () => checkpoint(f)(vector(1)),
      () => record((x: Tensor) => record(f, x).run(x), vector(1)),
    ])
      expect(again).toThrow('variable "kept" was made in an earlier run of a compiled or recorded function');
  });

  test("reads and assigns a variable that the function makes and keeps, as if it had been made before", () => {
    const kept: { mean?: Variable; large?: Variable } = {};
    const average = (x: Tensor) => {
      const mean = (kept.mean ??= parameter("mean", 0, 0));
      // So large that its numbers are left to the program.
      const large = (kept.large ??= variable(full([64, 64], 1), { name: "large" }));
      large.assign(large.value.add(1));
      // Made and forgotten: anew in each run.
      const other = parameter("other", 1, 1);
      other.assign(other.value.add(1));
      mean.assign(mean.value.add(x.mul(other)));
      return mean.value.sum();
    };
    const program = record(average, vector(1, 2));
    expect(program.variables).toEqual([kept.large, kept.mean]);
    expect(numbers(kept.mean!)).toEqual([0, 0]);
    expect(kept.large!.max().item()).toBe(1);
    const results = [1, 2].map(() => (program.run(vector(1, 2)) as Tensor).item());
    expect(results).toEqual([6, 12]);
    expect(numbers(kept.mean!)).toEqual([4, 8]);
    expect([kept.large!.min().item(), kept.large!.max().item()]).toEqual([3, 3]);
  });

  test("may keep a large variable of known numbers that it makes, as a compiled function may", () => {
    const results = [true, false].map((isCompiled) => {
      let kept: Variable | undefined;
      const f = (x: Tensor) => {
        kept ??= variable(normal(randomKey(1), [64, 64]));
        kept.assign(kept.value.add(x));
        return kept.value.sum();
      };
      const compiled = compile(f);
      const program = isCompiled ? null : record(f, vector(1).cast("float32"));
      return [1, 2].map((value) => {
        const x = tensor([value]);
        return program === null ? compiled(x).item() : (program.run(x) as Tensor).item();
      });
    });
    expect(results[0]![1]! - results[0]![0]!).toBeCloseTo(2 * 64 * 64, 1);
    expect(results[1]).toEqual(results[0]);
  });

  test("that throws in the middle changes no variable", () => {
    const picky = definePrimitive({
      name: "picky",
      shape: ([s]) => s!,
      value([x], out) {
        if (x!.data[0]! < 0) throw new RangeError("negative");
        out.set(x!.data);
      },
    });
    const count = parameter("count", 0);
    const counting = record((x: Tensor) => {
      count.assign(count.value.add(1));
      return picky(x);
    }, vector(1));
    expect(() => counting.run(vector(-1))).toThrow("negative");
    expect(numbers(count)).toEqual([0]);
    counting.run(vector(1));
    expect(numbers(count)).toEqual([1]);
  });
});

describe("a program that adds a gradient", () => {
  const [w, x] = [parameter("w", 2, 3), vector(5, 7)];
  const program = record((t: Tensor) => sum(w.mul(t)).backward(), x);
  const fresh = record((t: Tensor) => {
    w.clearGrad();
    sum(w.mul(t)).backward();
  }, x);

  test.each([
    ["as it was recorded", (one: Program) => one],
    ["saved", (one: Program) => through(one)],
  ])("refuses a variable that has come to have one since, where it would add to it, %s", (_how, made) => {
    const one = made(program);
    const [own] = one.variables;
    own!.clearGrad();
    one.run(x);
    expect(numbers(own!.grad!)).toEqual([5, 7]);
    expect(() => one.run(x)).toThrow('program: it was recorded while variable "w" had no gradient');
    expect(numbers(own!.grad!)).toEqual([5, 7]);
    own!.clearGrad();
    one.run(x);
    expect(numbers(own!.grad!)).toEqual([5, 7]);
  });

  test("runs again where the function clears it first", () => {
    for (const one of [fresh, through(fresh)]) {
      one.run(x);
      one.run(vector(1, 2));
      expect(numbers(one.variables[0]!.grad!)).toEqual([1, 2]);
    }
  });
});

describe("saved and read back", () => {
  test("a program gives the same numbers, bit for bit, for random programs and their gradients", () => {
    let compared = 0;
    fc.assert(
      fc.property(programs({ maxSteps: 10 }), (drawn) => {
        const { point, dtype } = drawn;
        // A rule of one's own is a function, which has no form as data.
        fc.pre(drawn.steps.every(({ operation }) => !operation.name.startsWith("custom")));
        const moving = point.findIndex((input) => input.dtype === dtype);
        const loss = (x: Tensor) =>
          drawn
            .run(...point.with(moving, x))
            .filter((output) => output.dtype === dtype)
            .reduce((total, output) => total.add(output.sum()), tensor(0, { dtype }) as Tensor);
        const questions: [(...args: Tensor[]) => unknown, readonly Tensor[]][] = [
          [(...inputs) => drawn.run(...inputs), point],
          [(x) => [grad(loss, { allowUnused: true })(x!)], [point[moving]!]],
        ];
        for (const [f, args] of questions) {
          const program = record(f, ...args);
          const expected = program.run(...args) as Tensor[];
          const actual = through(program, { functions: { allowed: () => {} } }).run(...args) as Tensor[];
          expect(actual.map(({ shape, dtype }) => [shape, dtype])).toEqual(
            expected.map(({ shape, dtype }) => [shape, dtype]),
          );
          expect(actual.map(numbers)).toEqual(expected.map(numbers));
          compared++;
        }
        // What runs again has the derivatives of what was recorded, read back or behind a checkpoint.
        const x = point[moving]!;
        const derivative = (f: (x: Tensor) => Tensor) => numbers(grad(f, { allowUnused: true })(x));
        const right = derivative(loss);
        const saved = through(record(loss, x), { functions: { allowed: () => {} } });
        const again = [derivative((t) => saved.run(t) as Tensor), derivative(checkpoint(loss))];
        // A branch inside gives its share of a gradient as one sum, where eager code, which runs the branch itself, adds its terms.
        if (drawn.steps.every(({ operation }) => !/cond/.test(operation.name)))
          for (const each of again) expect(each).toEqual(right);
        else
          for (const each of again)
            expect(
              difference(
                Float64Array.from(each),
                () => Float64Array.from(derivative(loss)),
                dtype as "float64",
              ),
            ).toBeNull();
      }),
      trials(300, 3000),
    );
    expect(compared).toBeGreaterThanOrEqual(500);
  });

  test("a program keeps its variables' values, what it leaves in them, and its trees", () => {
    const [w, b] = [parameter("w", 2, -0), parameter("b", NaN, Infinity)];
    const f = (map: Map<string, Tensor>) => {
      sum(w.mul(map.get("x")!)).backward();
      b.assign(b.value.add(w.grad!));
      return { list: [w.mul(2)], set: new Set([b.value]) };
    };
    const x = new Map([["x", vector(1, 2)]]);
    const saved = through(record(f, x));
    expect(saved.variables.map(({ name }) => name)).toEqual(["w", "b"]);
    expect(saved.variables.map(numbers)).toEqual([
      [2, -0],
      [NaN, Infinity],
    ]);
    const result = saved.run(x) as ReturnType<typeof f>;
    expect(numbers(result.list[0]!)).toEqual([4, -0]);
    expect([...result.set].map(numbers)).toEqual([[NaN, Infinity]]);
    expect(numbers(saved.variables[0]!.grad!)).toEqual([1, 2]);
    expect(numbers(w)).toEqual([2, -0]);
    expect(w.grad).toBeNull();
  });

  test("custom activations come back by their expressions, with derivatives", () => {
    const swish = activation("swish", (x) => x.mul(x.logistic()));
    const f = (x: Tensor) => sum(swish(x));
    const saved = through(record(f, vector(1, -2)));
    const run = (x: Tensor) => saved.run(x) as Tensor;
    expect(numbers(run(vector(1, -2)))).toEqual(numbers(f(vector(1, -2))));
    expect(numbers(grad(run)(vector(1, -2)))).toEqual(numbers(grad(f)(vector(1, -2))));
  });

  test("random draws and splits are the same", () => {
    const f = (x: Tensor) => normal(randomKey(3), [2], { dtype: "float64" }).mul(x);
    const program = record(f, vector(1, 1));
    expect(numbers(through(program).run(vector(1, 1)) as Tensor)).toEqual(numbers(f(vector(1, 1))));
  });

  test("primitives, atoms and functions of one's own are given by name", () => {
    const twice = definePrimitive<{ by: number }>({
      name: "timesBy",
      shape: ([s]) => s!,
      value([x], out, { by }) {
        for (let i = 0; i < out.length; i++) out[i] = x!.data[i]! * by;
      },
    });
    const isPositive = (elements: ArrayLike<number>) => {
      if (Array.from(elements).some((x) => x < 0)) throw new RangeError("negative");
    };
    const program = record((x: Tensor) => twice(guarded(x, isPositive), { by: -0 }), vector(1));
    const functions = { isPositive };
    expect(() => through(program, { functions })).toThrow(
      'is "timesBy", which is no primitive here; give it',
    );
    const primitives = { timesBy: twice.primitive };
    expect(() => through(program, { primitives })).toThrow(
      'is the function "isPositive", which is not saved; give it',
    );
    const saved = through(program, { primitives, functions });
    expect(numbers(saved.run(vector(1)) as Tensor)).toEqual([-0]);
    expect(() => saved.run(vector(-1))).toThrow("negative");
    expect(typeof atom).toBe("function");
  });

  test("attributes of one's own keep their names, whatever these begin with", () => {
    const seen: unknown[] = [];
    const noted = definePrimitive<Record<string, unknown>>({
      name: "noted",
      shape: ([s]) => s!,
      value([x], out, attributes) {
        seen.push(attributes);
        out.set(x!.data);
      },
    });
    const all: Record<string, unknown>[] = [
      { $by: 2 },
      { $number: "3" },
      { $$text: "$", $: "$number", plain: "$$" },
      { inner: { $given: [{ $undefined: true }, -0], $bigint: 5n } },
    ];
    for (const attributes of all) {
      const program = record((x: Tensor) => noted(x, attributes), vector(1));
      through(program, { primitives: { noted: noted.primitive } }).run(vector(1));
      expect(seen.at(-1)).toEqual(attributes);
      expect(seen.at(-1)).not.toBe(attributes);
    }
    expect(seen).toHaveLength(all.length);
  });

  test("what has no form as data is refused", () => {
    const odd = definePrimitive<{ what: unknown }>({
      name: "odd",
      shape: ([s]) => s!,
      value: ([x], out) => out.set(x!.data),
    });
    expect(() => record((x: Tensor) => odd(x, { what: new Date() }), vector(1)).toJSON()).toThrow(
      "toJSON: the attributes of step 0, odd hold a Date, which has no form as data",
    );
  });
});

describe("damaged data", () => {
  const [w, b] = [parameter("w", 1, 2, 3), parameter("b", 0.5)];
  const text = JSON.stringify(
    record(
      (x: Tensor, options: { scale: Tensor; rate: number }) => {
        const y = x.mul(w).add(b).softmax().mul(options.scale).mul(options.rate);
        w.assign(w.value.sub(y.slice([0, 3])));
        return [y, y.sum({ axis: 0 })];
      },
      vector(1, 2, 3),
      { scale: vector(2, 2, 2), rate: 0.5 },
    ),
  );

  describe("names its place", () => {
    const bent = activation("bent", (x) => x.square().add(1).sqrt());
    function positive() {}
    const v = parameter("v", 1, 2);
    // Values 0 and 1 are the inputs, 2 the variable, 3 to 6 the steps; nodes are 1, x, x², x² + 1 and its root.
    const whole = JSON.stringify(
      record(
        (x: Tensor, options: { scale: Tensor; rate: number }) => {
          const y = bent(guarded(x.mul(v), positive) as Tensor).mul(options.scale);
          v.assign(y);
          return [y, options.scale];
        },
        vector(1, 2),
        { scale: vector(2, 2), rate: 0.5 },
      ),
    );
    // biome-ignore lint/suspicious/noExplicitAny: it is to be damaged in any way.
    type Data = any;
    const nodes = (data: Data) => data.steps[2].attributes.fn.nodes;

    test.each<[string, (data: Data) => void]>([
      ["the data is no program that toJSON gave", (data) => (data.version = 2)],
      ["the data is no program that toJSON gave", (data) => (data.format = "program")],
      ["steps[1].inputs[0] is 4 and must be one of the 4 before it", (data) => (data.steps[1].inputs = [4])],
      [
        "steps[1].inputs[0] is -1 and must be one of the 4 before it",
        (data) => (data.steps[1].inputs = [-1]),
      ],
      ["steps[1].inputs is empty", (data) => (data.steps[1].inputs = [])],
      ["steps[0].outputs must be the 1 values from 3 on", (data) => (data.steps[0].outputs = [4])],
      ["values[4].of is step 2, and the next one is 1", (data) => (data.values[4].of = 2)],
      ["steps holds 5 steps, of which values use 4", (data) => data.steps.push(data.steps[0])],
      [
        "inputs[1] is value 0, which is no input, or one that another place has",
        (data) => (data.inputs = [0, 0]),
      ],
      ["values[1] is an input that inputs does not name", (data) => (data.inputs = [0])],
      ["outputs[0] is 7 and must be one of the 7 before it", (data) => (data.outputs = [7, 1])],
      ["inputForm names 1 of the 2 tensors", (data) => (data.inputForm.array[1] = { fixed: 1 })],
      ["outputForm names 1 of the 2 tensors", (data) => (data.outputForm.array[1] = { leaf: 0 })],
      [
        "steps[2].attributes.fn.nodes[3].of names 3 operands, and add takes 2",
        (data) => nodes(data)[3].of.push(1),
      ],
      [
        "steps[2].attributes.fn.nodes[3].of names 1 operands, and add takes 2",
        (data) => nodes(data)[3].of.pop(),
      ],
      [
        "steps[2].attributes.fn.nodes[3].of[0] is 3 and must be one of the 3",
        (data) => (nodes(data)[3].of = [3, 2]),
      ],
      [
        "steps[2].attributes.fn.arity is 1, and the expression has 2 inputs",
        (data) => (nodes(data)[1].input = 1),
      ],
      [
        "steps[2].attributes.fn.arity is 1, and the expression has 3 inputs",
        (data) => (nodes(data)[1].input = 2),
      ],
      ["steps[2].attributes.fn.nodes is empty", (data) => nodes(data).splice(0)],
      [
        'steps[1].attributes.check is the function "toString"',
        (data) => (data.steps[1].attributes.check.$given = "toString"),
      ],
      [
        'steps[0].primitive is "toString", which is no primitive here',
        (data) => (data.steps[0].primitive = "toString"),
      ],
      ["variables[0].data holds 1 numbers, and [2] has 2", (data) => data.variables[0].data.pop()],
    ])("%s", (message, damage) => {
      const data: Data = JSON.parse(whole);
      damage(data);
      expect(() => Program.fromJSON(data, { functions: { positive } })).toThrow(
        `Program.fromJSON: ${message}`,
      );
    });

    const two = JSON.stringify(
      record(
        checkpoint((x: Tensor) => [x.exp(), x.add(1)]),
        vector(1),
      ),
    );
    test.each<[string, (data: Data) => void]>([
      ["is of another step", (data) => (data.values[2].of = 1)],
      ["is of a step before all", (data) => (data.values[2].of = -1)],
      ["is of no step", (data) => delete data.values[2].of],
      ["is no output", (data) => (data.values[2].from = "variable")],
    ])("where the second output of a step %s", (_what, damage) => {
      const data: Data = JSON.parse(two);
      expect(data.values[2]).toEqual({ from: "step", of: 0 });
      expect(() => Program.fromJSON(JSON.parse(two))).not.toThrow();
      damage(data);
      expect(() => Program.fromJSON(data)).toThrow(
        "Program.fromJSON: values[2] is not the output of step 0 that stands here",
      );
    });
  });

  /** Every place of plain data, as the way to it. */
  const placesOf = (data: unknown, way: (string | number)[] = []): (string | number)[][] =>
    typeof data !== "object" || data === null
      ? [way]
      : [
          way,
          ...Object.entries(data).flatMap(([key, part]) =>
            placesOf(part, [...way, Array.isArray(data) ? Number(key) : key]),
          ),
        ];

  test("is either a program that runs, or an error that says where, a thousand times", () => {
    const places = placesOf(JSON.parse(text)).filter((way) => way.length > 0);
    const others: readonly unknown[] = [
      null,
      -1,
      1.5,
      1e9,
      "x",
      "map",
      [],
      {},
      true,
      [null],
      { leaf: 0 },
      "step",
      3,
    ];
    const dice = new Dice(7);
    let refused = 0;
    for (let i = 0; i < runs(1000, 10_000); i++) {
      const data = JSON.parse(text) as never;
      const way = places[dice.below(places.length)]!;
      let at = data as Record<string | number, unknown>;
      for (const key of way.slice(0, -1)) at = at[key] as typeof at;
      const last = way.at(-1)!;
      const how = dice.below(3);
      if (how === 0 && Array.isArray(at)) (at as unknown[]).splice(Number(last), 1);
      else if (how === 1) delete at[last];
      else at[last] = others[dice.below(others.length)];
      try {
        Program.fromJSON(data);
      } catch (error) {
        refused++;
        const { name, message } = error as Error;
        expect(name, message).toBe("TypeError");
        expect(message).toMatch(/^Program\.fromJSON: (the data|[a-zA-Z]+(\[\d+\]|\.[a-zA-Z$]+)*) /);
      }
    }
    expect(refused).toBeGreaterThan(500);
  });
});
