// compile(f) has f's derivatives, whatever f closes over: each case asks the function itself and its program alike.

import {
  checkpoint,
  compile,
  definePrimitive,
  grad,
  gradients,
  jacobian,
  jvp,
  noGrad,
  record,
  type Tensor,
  tapeOf,
  tensor,
  type Variable,
  variable,
} from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { numbers, parameter, vector } from "../../support/tensors.ts";

const sum = (x: Tensor): Tensor => x.sum();

/** What `backward` of a loss leaves in some variables. */
function gradsOf(loss: () => Tensor, variables: readonly Variable[], options = {}): number[][] {
  for (const each of variables) each.clearGrad();
  loss().backward(options);
  return variables.map((each) => numbers(each.grad!));
}

type Way = <F extends (...args: never[]) => unknown>(f: F) => F;
const ways: readonly (readonly [string, Way])[] = [
  ["eager", (f) => f],
  ["compiled", (f) => compile(f)],
];

describe.each(ways)("%s, backward goes on through", (_way, made) => {
  const w = parameter(1, 2);
  const b = parameter(3, -1);

  test("a variable that the function reads, by itself and beside other terms", () => {
    const f = made(() => sum(w.square()));
    expect(gradsOf(() => f(), [w])).toEqual([[2, 4]]);
    expect(gradsOf(() => f().add(sum(w)), [w])).toEqual([[3, 5]]);
    expect(gradsOf(() => sum(made((x: Tensor) => x.mul(w).add(b))(vector(5, 7)).square()), [w, b])).toEqual([
      [2 * 8 * 5, 2 * 13 * 7],
      [16, 26],
    ]);
  });

  test("a variable that is an argument, alone or in a tree", () => {
    const f = made((v: { of: readonly Tensor[] }) => sum(v.of[0]!.square()));
    expect(gradsOf(() => f({ of: [w] }).add(sum(w)), [w])).toEqual([[3, 5]]);
  });

  test("an argument that was made from variables", () => {
    const f = made((x: Tensor, y: Tensor) => x.mul(y));
    expect(gradsOf(() => sum(f(w.square(), vector(3, 4))), [w])).toEqual([[6, 16]]);
    expect(gradsOf(() => sum(f(w.square(), w)), [w])).toEqual([[3, 12]]);
  });

  test("a tensor from around it that was made from variables", () => {
    const h = w.square();
    const f = made((x: Tensor) => sum(h.mul(x)));
    expect(gradsOf(() => f(vector(1, 2)), [w])).toEqual([[2, 8]]);
    // Computed while it is recorded, and given as it is.
    const g = made((x: Tensor) => [h, h.mul(2), sum(x)] as const);
    expect(gradsOf(() => sum(g(vector(1, 2))[0].add(g(vector(1, 2))[1])), [w])).toEqual([[6, 12]]);
  });

  test("several results, of which some have no derivative", () => {
    const f = made((x: Tensor) => ({ y: w.mul(x), place: w.argmax(), list: [b.mul(2)] }));
    const { y, place, list } = f(vector(5, 7));
    expect(place.item()).toBe(1);
    expect(gradsOf(() => sum(y.mul(list[0]!)), [w, b])).toEqual([
      [30, -14],
      [10, 28],
    ]);
  });

  test("a tensor from around it in a checkpoint, which the function itself goes back through, too", () => {
    const h = w.mul(2);
    const f = made((x: Tensor) => {
      const y = checkpoint((z: Tensor) => z.mul(w).add(h))(x);
      sum(y.mul(b)).backward();
      return y;
    });
    const y = f(vector(5, 7));
    expect(gradsOf(() => sum(y), [w])).toEqual([[7, 9]]);
    // What it computes from one around it alone.
    const g = made((x: Tensor) => {
      const y = checkpoint((z: Tensor) => z.mul(h.square()))(x);
      sum(y.mul(b)).backward();
      return [y, h.neg().mul(x)] as const;
    });
    const [first, second] = g(vector(5, 7));
    expect(gradsOf(() => sum(first.add(second)), [w])).toEqual([[5 * 8 - 10, 7 * 16 - 14]]);
  });

  test("several results, of which some are the same in all calls", () => {
    const known = vector(5, 6);
    const f = made((x: Tensor) => [known, w.mul(x), vector(1, 2), b.mul(x).mul(w)] as const);
    const [k, first, own, second] = f(vector(5, 7));
    expect([k, own].map(numbers)).toEqual([
      [5, 6],
      [1, 2],
    ]);
    expect(gradsOf(() => sum(first), [w])).toEqual([[5, 7]]);
    const total = () => sum(k.mul(first).add(second.mul(10)));
    expect(gradsOf(total, [w, b])).toEqual(
      gradsOf(
        () =>
          sum(
            known
              .mul(w)
              .mul(vector(5, 7))
              .add(b.mul(vector(5, 7)).mul(w).mul(10)),
          ),
        [w, b],
      ),
    );
    const one = made((x: Tensor) => [vector(1, 2), w.mul(x)] as const);
    expect(gradsOf(() => sum(one(vector(5, 7))[1]), [w])).toEqual([[5, 7]]);
  });

  test("itself again, to what its arguments were made from", () => {
    /** The gradient of a loss, and that of the gradients' sum. */
    const both = (loss: () => Tensor) => [
      gradsOf(loss, [w, b], { createGraph: true }),
      gradsOf(() => {
        gradsOf(loss, [w, b], { createGraph: true });
        const total = sum(w.grad!).add(sum(b.grad!));
        for (const each of [w, b]) each.clearGrad();
        return total;
      }, [w, b]),
    ];
    const h = w.mul(2);
    const x = vector(5, 7);
    // With w = (1, 2) and b = (3, −1). Σ (x·b)²·w, by an argument and a variable.
    const square = made((y: Tensor) => sum(y.square().mul(w)));
    expect(both(() => square(b.mul(x)))).toEqual([
      [
        [225, 49],
        [150, -196],
      ],
      [
        [150, -98],
        [150 + 50, -98 + 196],
      ],
    ]);
    // Σ 2·w·x·b, by an argument and what is taken from around.
    const captured = made((y: Tensor) => sum(y.mul(h)));
    expect(both(() => captured(b.mul(x)))).toEqual([
      [
        [30, -14],
        [10, 28],
      ],
      [
        [10, 14],
        [10, 14],
      ],
    ]);
    // Σ (w·b)², by one tensor as two arguments.
    const product = made((y: Tensor, z: Tensor) => sum(y.mul(z)));
    expect(
      both(() => {
        const wb = w.mul(b);
        return product(wb, wb);
      }),
    ).toEqual([
      [
        [18, 4],
        [6, -8],
      ],
      [
        [18 + 12, 2 - 8],
        [12 + 2, -8 + 8],
      ],
    ]);
  });

  test("arguments of one call, which the next does not exchange", () => {
    const f = made((x: Tensor, y: Tensor) => sum(w.mul(x).mul(y)));
    const y = vector(1, 10);
    const [first, second] = [f(vector(5, 7), y), f(vector(2, 3), y)];
    expect(gradsOf(() => first, [w])).toEqual([[5, 70]]);
    expect(gradsOf(() => second, [w])).toEqual([[2, 30]]);
  });

  test("an argument that was in a tree, which has changed since the call", () => {
    const f = made((batch: { x: Tensor; list: Tensor[] }) => sum(w.mul(batch.x).mul(batch.list[0]!)));
    const batch = { x: vector(5, 7), list: [vector(1, 2)] };
    const loss = f(batch);
    batch.x = vector(50, 70);
    batch.list[0] = vector(0, 0);
    expect(gradsOf(() => loss, [w])).toEqual([[5, 14]]);
  });

  test("a function that goes back along the tape itself reaches what its argument was made from", () => {
    const f = made((x: Tensor) => {
      sum(x.mul(b)).backward();
      return x.mul(2);
    });
    for (const each of [w, b]) each.clearGrad();
    expect(numbers(f(w.square()))).toEqual([2, 8]);
    expect([w, b].map((each) => numbers(each.grad!))).toEqual([
      [6, -4],
      [1, 4],
    ]);
  });

  test("an assignment on the way cuts off the variables behind an argument, too", () => {
    const f = made((x: Tensor) => {
      const own = variable(x);
      own.assign(x.mul(3));
      return own.value.add(x);
    });
    expect(gradsOf(() => sum(f(w.square())), [w])).toEqual([[2, 4]]);
  });

  test("one such function after another", () => {
    const f = made((x: Tensor) => x.mul(w));
    const g = made((x: Tensor) => sum(x.square().mul(b)));
    expect(gradsOf(() => g(f(f(vector(1, 1)))), [w, b])).toEqual([
      [12, -32],
      [1, 16],
    ]);
  });

  test("with createGraph, and again", () => {
    const f = made((x: Tensor) => sum(w.mul(w).mul(w).mul(x)));
    gradsOf(() => f(vector(1, 2)), [w], { createGraph: true });
    const first = w.grad!;
    expect(numbers(first)).toEqual([3, 24]);
    w.clearGrad();
    sum(first).backward({ createGraph: true });
    const second = w.grad!;
    expect(numbers(second)).toEqual([6, 24]);
    w.clearGrad();
    sum(second).backward();
    expect(numbers(w.grad!)).toEqual([6, 12]);
  });

  test("as gradients() asks for it, of what the function was given", () => {
    const x = w.mul(1);
    const f = made((t: Tensor) => sum(t.square()));
    expect(numbers(gradients(f(x), x))).toEqual([2, 4]);
  });

  test("what transforms watch: closures under grad, jvp and jacobian, in both modes", () => {
    const of = (x: Tensor) => made(() => sum(x.square()))();
    expect(numbers(grad(of)(vector(1, 2)))).toEqual([2, 4]);
    expect(jvp(of, vector(1, 2), vector(1, 1)).tangent.item()).toBe(6);
    const square = (x: Tensor) => made(() => x.square())();
    for (const mode of ["forward", "reverse"] as const)
      expect(numbers(jacobian(square, { mode })(vector(1, 2)))).toEqual([2, 0, 0, 4]);
  });

  test("a function that assigns variables on which its result does not depend", () => {
    const calls = parameter(0);
    const f = made((x: Tensor) => {
      calls.assign(calls.value.add(1));
      return sum(w.mul(x));
    });
    expect(gradsOf(() => f(vector(5, 7)), [w])).toEqual([[5, 7]]);
    expect(numbers(calls)).toEqual([1]);
  });
});

describe("a derivative of a compiled function's result that can't be had is an error", () => {
  test("where a variable was assigned since, by assign or by another program", () => {
    const w = variable(vector(1, 2), { name: "weights" });
    const f = compile(() => sum(w.square()));
    const before = f();
    w.assign(vector(3, 4));
    expect(() => before.backward()).toThrow(
      'variable "weights" was assigned after the compiled function was called',
    );
    const again = f();
    compile(() => w.assign(w.value.mul(2)))();
    expect(() => again.backward()).toThrow("was assigned after");
    expect(w.grad).toBeNull();
    f().backward();
    expect(numbers(w.grad!)).toEqual([12, 16]);
  });

  test("of a call before an assignment, but not of the next call with the same arguments", () => {
    const w = parameter(1, 2);
    const x = vector(5, 7);
    const f = compile((x: Tensor) => sum(w.mul(x)));
    const [first, second] = [f(x), f(x)];
    expect(tapeOf([first, second]).steps.map(({ inputs }) => inputs.length)).toEqual([2, 2]);
    first.add(second.mul(3)).backward();
    expect(numbers(w.grad!)).toEqual([20, 28]);
    w.assign(vector(3, 4));
    const third = f(x);
    expect(() => second.add(third).backward()).toThrow("was assigned after");
    third.backward();
    expect(numbers(w.grad!)).toEqual([5, 7]);
  });

  test("where the function itself assigns what its result was made from", () => {
    const w = parameter(1, 2);
    const step = compile(() => {
      const loss = sum(w.square());
      w.assign(w.value.mul(0.5));
      return loss;
    });
    expect(() => step().add(sum(w)).backward()).toThrow(
      "its result depends on what that held before or after",
    );
    expect(step().item()).toBe(1.25);
  });
});

test("nor can gradients() inside a program reach what an argument was made from", () => {
  const w = parameter(1, 2);
  const slope = compile((x: Tensor) => gradients(sum(x.mul(x)), w));
  expect(() => slope(w.mul(3))).toThrow("gradients: the output was not made from what is wanted");
});

test("nor can that of a result made from a variable's new value, from whole numbers that are assigned, or from a gradient", () => {
  const w = parameter(1, 2);
  const renewed = compile((x: Tensor) => {
    w.assign(x);
    return sum(w.square());
  });
  expect(() => renewed(vector(3, 4)).backward()).toThrow("what that held before or after");
  const turn = variable(tensor([0], { dtype: "int32" }), { name: "turn" });
  const drawing = compile(() => {
    const loss = sum(w.gather(turn));
    turn.assign(turn.value.add(1));
    return loss;
  });
  expect(() => drawing().backward()).toThrow('assigns variable "turn"');
  sum(w.square()).backward();
  expect(() => compile(() => sum(w.grad!.mul(w)))().backward()).toThrow("reads the gradient of a variable");
});

test("a result that nobody watches remembers nothing: under noGrad, and where no variable was read", () => {
  const w = parameter(1, 2);
  expect(noGrad(() => compile(() => w.square())()).step).toBeNull();
  expect(compile((x: Tensor) => x.square())(vector(1)).step).toBeNull();
});

describe("what a function makes for itself", () => {
  test("starts anew in each call: a variable of known numbers, of computed ones, and one within another call", () => {
    const f = compile((x: Tensor) => {
      const total = variable(tensor([0], { dtype: "float64" }));
      const own = variable(x);
      for (let i = 0; i < 3; i++) {
        total.assign(total.value.add(x));
        own.assign(own.value.mul(2));
      }
      return [total.value, own.value];
    });
    for (const start of [1, 5, 1]) expect(f(vector(start)).map(numbers)).toEqual([[3 * start], [8 * start]]);
  });

  test("stays where the function keeps it, as an optimizer does with its memory", () => {
    let memory: Variable | undefined;
    const step = compile((gradient: Tensor) => {
      memory ??= parameter(0);
      memory.assign(memory.value.mul(0.5).add(gradient));
      return memory.value;
    });
    expect([1, 1, 1].map((g) => numbers(step(vector(g)))[0])).toEqual([1, 1.5, 1.75]);
    expect(numbers(memory!)).toEqual([1.75]);
  });

  test("can't be kept where it was made of numbers that were computed", () => {
    let kept: Variable | undefined;
    const f = compile((x: Tensor) => {
      kept ??= variable(x.mul(2));
      return kept.value.add(x);
    });
    expect(() => f(vector(1))).toThrow("made in an earlier run of a compiled or recorded function");
  });
});

describe("all or nothing", () => {
  const throwing = definePrimitive({
    name: "picky",
    shape: ([s]) => s!,
    value([x], out) {
      if (x!.data[0]! < 0) throw new RangeError("picky: negative");
      out.set(x!.data);
    },
    pullback: (_step, cotangent) => [cotangent],
  });

  test("a primitive that throws in the middle of a program leaves every variable as it was", () => {
    const [a, b, c] = [parameter(1), parameter(2), parameter(3)];
    const step = compile((x: Tensor) => {
      a.assign(a.value.add(x));
      const y = throwing(b.value.mul(x));
      b.assign(y);
      c.assign(c.value.mul(y));
      a.assign(a.value.mul(2));
      return sum(y);
    });
    expect(step(vector(2)).item()).toBe(4);
    expect([a, b, c].map(numbers)).toEqual([[6], [4], [12]]);
    for (let i = 0; i < 2; i++) {
      expect(() => step(vector(-1))).toThrow("picky: negative");
      expect([a, b, c].map(numbers)).toEqual([[6], [4], [12]]);
    }
    step(vector(1));
    expect([a, b, c].map(numbers)).toEqual([[14], [4], [48]]);
  });

  test("one that throws among gradients leaves these as they were", () => {
    const w = parameter(1);
    const f = compile((x: Tensor) => {
      sum(w.mul(x)).backward();
      return throwing(x);
    });
    f(vector(2));
    expect(() => f(vector(-1))).toThrow("picky");
    expect(numbers(w.grad!)).toEqual([2]);
  });
});

describe("the edges of a call", () => {
  test("a method keeps its `this`, and has a program for each", () => {
    class Line {
      readonly #slope: Variable;
      constructor(slope: number) {
        this.#slope = parameter(slope);
      }
      at = compile(function (this: Line, x: Tensor) {
        return this.#slope.mul(x);
      });
      static read = compile(function (this: Line, x: Tensor) {
        return this.#slope.mul(x);
      });
    }
    const lines = [new Line(2), new Line(3)];
    expect(lines.map((line) => numbers(line.at(vector(5))))).toEqual([[10], [15]]);
    expect(lines.map((line) => numbers(Line.read.call(line, vector(5))))).toEqual([[10], [15]]);
  });

  test("a function that does not name `this` has one program, whoever owns it", () => {
    let recordings = 0;
    const f = compile((x: Tensor) => {
      recordings++;
      return x.neg();
    });
    for (const start of [1, 2, 3]) expect(numbers({ f }.f(vector(start)))).toEqual([-start]);
    expect(recordings).toBe(1);
  });

  test("objects that lead to each other in many ways are looked through once each", () => {
    class Node {
      links: Node[] = [];
    }
    const nodes = Array.from({ length: 60 }, () => new Node());
    for (const node of nodes) node.links = [...nodes];
    // Along all ways from one to another this would take longer than anybody waits.
    expect(numbers(compile((_: Node, x: Tensor) => x.neg())(nodes[0]!, vector(1)))).toEqual([-1]);
  });

  test("a result keeps its class, its hidden fields, its Maps and Sets", () => {
    class Pair {
      readonly first: Tensor;
      readonly name = "pair";
      constructor(first: Tensor) {
        this.first = first;
        Object.defineProperty(this, "hidden", { value: first.mul(2) });
      }
      get both(): Tensor {
        return this.first.add((this as unknown as { hidden: Tensor }).hidden);
      }
    }
    const f = compile((x: Tensor) => ({
      pair: new Pair(x.mul(1)),
      map: new Map([["a", x.mul(3)]]),
      set: new Set([x.mul(4)]),
    }));
    for (const start of [1, 2]) {
      const { pair, map, set } = f(vector(start));
      expect(pair).toBeInstanceOf(Pair);
      expect(numbers(pair.both)).toEqual([3 * start]);
      expect(Object.keys(pair)).toEqual(["first", "name"]);
      expect(numbers(map.get("a")!)).toEqual([3 * start]);
      expect([...set].map(numbers)).toEqual([[4 * start]]);
    }
  });

  test("arguments in Maps, Sets and instances are arguments", () => {
    class Point {
      readonly x: Tensor;
      readonly scale: number;
      constructor(x: Tensor, scale = 1) {
        this.x = x;
        this.scale = scale;
      }
      get scaled(): Tensor {
        return this.x.mul(this.scale);
      }
    }
    const f = compile((map: Map<string, Tensor>, set: Set<Tensor>, point: Point) =>
      map
        .get("a")!
        .add([...set][0]!)
        .add(point.scaled),
    );
    const call = (a: number, b: number, c: number, scale = 1) =>
      numbers(f(new Map([["a", vector(a)]]), new Set([vector(b)]), new Point(vector(c), scale)))[0];
    expect([call(1, 2, 3), call(4, 5, 6), call(1, 2, 3, 10)]).toEqual([6, 15, 33]);
    expect(f.programs).toHaveLength(2);
  });

  test("a tensor prints its type and shape while it is recorded", () => {
    const seen: string[] = [];
    compile((x: Tensor) => {
      seen.push(String(x.mul(2)), `${x}`);
      return x;
    })(vector(1, 2));
    expect(seen).toEqual(Array(2).fill("Tensor float64 [2] (numbers not known while compiling)"));
  });

  test("what may hold numbers and can't be seen into is refused, with its place and a way out", () => {
    const f = compile((x: unknown) => x as Tensor) as (x: unknown) => unknown;
    expect(() => f(new Float32Array(2))).toThrow(
      "argument[0] is a Float32Array, whose numbers a program would not see change",
    );
    expect(() => f({ a: [new Int8Array(2)] })).toThrow("argument[0].a[0] is an Int8Array");
    expect(() => f(Promise.resolve(vector(1)))).toThrow(
      "argument[0] is a Promise, which can't be looked into",
    );
    expect(() =>
      f(
        (function* () {
          yield 1;
        })(),
      ),
    ).toThrow("can't be looked into");
    const ring: { x: Tensor; self?: unknown } = { x: vector(1) };
    ring.self = ring;
    expect(() => f(ring)).toThrow("leads back to an object that it lies in");
  });
});

describe("gradients in a compiled function", () => {
  const refusal =
    /^gradients: the output was made from what is wanted .*make the tensor in the function, or detach it/;
  const [w, b] = [parameter(1, 2), parameter(3, -1)];
  const h = w.mul(2);
  const slope = (made: (x: Tensor) => Tensor, of: Variable) => (x: Tensor) => gradients(sum(made(x)), of);

  test.each<[string, (x: Tensor) => Tensor]>([
    ["beside what the function reads", (x) => x.mul(w).add(h)],
    ["in a product with that", (x) => x.mul(w).mul(h)],
    ["computed on in the function", (x) => x.mul(w).add(h.square())],
    ["in a checkpoint", (x) => checkpoint((y: Tensor) => y.mul(w).add(h))(x)],
  ])("are refused where a tensor from around it was made from the variable before: %s", (_name, made) => {
    expect(() => compile(slope(made, w))(vector(5, 7))).toThrow(refusal);
    expect(() => record(slope(made, w), vector(5, 7))).toThrow(refusal);
  });

  test("are eager ones where it was not, was detached, is made in the function, or comes from an earlier value", () => {
    const old = parameter(1, 2);
    const fromOld = old.mul(2);
    old.assign(vector(4, 5));
    for (const [made, of] of [
      [(x: Tensor) => x.mul(b).add(h), b],
      [(x: Tensor) => x.mul(w).add(h.detach()), w],
      [(x: Tensor) => x.mul(w).add(w.mul(2)), w],
      [(x: Tensor) => x.mul(old).mul(fromOld), old],
    ] as const) {
      const f = slope(made, of);
      expect(numbers(compile(f)(vector(5, 7)))).toEqual(numbers(f(vector(5, 7))));
    }
  });
});
