// How compiled functions behave: signatures, variables, results, errors.

import {
  CompileError,
  compile,
  definePrimitive,
  grad,
  hvp,
  normal,
  ones,
  randomKey,
  type Tensor,
  tensor,
  variable,
  zeros,
} from "@adjoint/autograd";
import { adam, crossEntropy, linear, mlp, relu, sgd, variables } from "@adjoint/nn";
import { describe, expect, test, vi } from "vitest";

const double = (x: Tensor) => x.mul(2);

describe("signatures", () => {
  test("each shape and type makes one program, and only its first call records", () => {
    let recorded = 0;
    const f = compile((x: Tensor) => {
      recorded++;
      return double(x);
    });
    const [a, b] = [tensor([1, 2]) as Tensor, tensor([1, 2, 3]) as Tensor];
    for (const x of [a, b, a, b, a.cast("float64")]) f(x);
    expect(recorded).toBe(3);
    expect(f.programs.length).toBe(3);
  });

  test("arguments may be trees, and what is no tensor in them is part of the signature", () => {
    const f = compile(({ xs, scale }: { xs: Tensor[]; scale: number }) => ({
      sum: xs[0]!.add(xs[1]!).mul(scale),
      scale,
    }));
    const xs = [tensor([1, 2]) as Tensor, tensor([10, 20]) as Tensor];
    expect(f({ xs, scale: 2 }).sum.toArray()).toEqual([22, 44]);
    expect(f({ xs, scale: 3 }).sum.toArray()).toEqual([33, 66]);
    expect(f({ xs, scale: 3 }).scale).toBe(3);
    expect(f.programs.length).toBe(2);
  });

  test("of ever new calls 64 stay, and a function that gets more of them says so once", () => {
    const said: string[] = [];
    const spy = vi.spyOn(console, "warn").mockImplementation((text) => said.push(String(text)));
    try {
      const scaled = compile(function scaled(x: Tensor, by: number) {
        return x.mul(by);
      });
      const x = tensor([1, 2]) as Tensor;
      for (let i = 0; i < 70; i++) expect(scaled(x, i).data[1]).toBe(2 * i);
      expect(scaled.programs.length).toBe(64);
      // One that was dropped is made again.
      expect(scaled(x, 3).data[0]).toBe(3);
      expect(said.length).toBe(1);
      expect(said[0]).toMatch(/scaled has been compiled for 64 different calls.*tensor\(x\)/);
    } finally {
      spy.mockRestore();
    }
  });

  test("a program can be made ahead, at once or while other things go on", async () => {
    const f = compile(double);
    const x = tensor([1, 2, 3]) as Tensor;
    const program = await f.prepare(x);
    expect(String(program)).toContain("mul");
    expect(f.program(x)).toBe(program);
    expect(f(x).toArray()).toEqual([2, 4, 6]);
    expect(f.programs.length).toBe(1);
  });

  test("the listing shows kernels, what was fused, and the arena", () => {
    const f = compile((x: Tensor, w: Tensor) => (x.matmul(w as never) as Tensor).add(1).tanh().sum());
    const text = String(f.program(zeros([4, 3]), zeros([3, 5])));
    expect(text).toMatch(/product .*4×3·3×5 .*matmul add tanh/);
    expect(text).toMatch(/arena \S+ \S+ at its peak/);
  });
});

describe("results", () => {
  test("stay what they were when the function is called again", () => {
    const f = compile((x: Tensor) => [x.add(1), x.sum() as Tensor]);
    const first = f(tensor([1, 2, 3]) as Tensor);
    f(tensor([10, 20, 30]) as Tensor);
    expect(first.map((each) => each.toArray())).toEqual([[2, 3, 4], 6]);
  });

  test("that are arguments, constants or views are right too", () => {
    const constant = tensor([5, 6]) as Tensor;
    const f = compile((x: Tensor) => [x, constant, x.transpose(), x.slice(0), x.slice(0)]);
    const x = tensor([
      [1, 2],
      [3, 4],
    ]) as Tensor;
    expect(f(x).map((each) => each.toArray())).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      [5, 6],
      [
        [1, 3],
        [2, 4],
      ],
      [1, 2],
      [1, 2],
    ]);
  });

  test("of empty tensors are empty", () => {
    const f = compile((x: Tensor) => [x.mul(2), x.sum({ axis: 0 }) as Tensor]);
    const [a, b] = f(zeros([0, 3]));
    expect([a!.shape, b!.toArray()]).toEqual([
      [0, 3],
      [0, 0, 0],
    ]);
  });
});

describe("variables", () => {
  test("that a program assigns show their new values, and their old ones stay what they were", () => {
    const v = variable(tensor([1, 2]));
    const f = compile((x: Tensor) => {
      v.assign(v.value.add(x));
    });
    const before = v.value;
    f(tensor([1, 1]) as Tensor);
    f(tensor([1, 1]) as Tensor);
    expect(v.value.toArray()).toEqual([3, 4]);
    expect(before.toArray()).toEqual([1, 2]);
  });

  test("that are assigned from outside are seen by the program, and by two programs alike", () => {
    const v = variable(tensor([1, 2]));
    const add = compile((x: Tensor) => v.assign(v.value.add(x)));
    const read = compile((x: Tensor) => x.mul(v));
    add(tensor([1, 1]) as Tensor);
    expect(read(tensor([10, 10]) as Tensor).toArray()).toEqual([20, 30]);
    v.assign(tensor([7, 8]));
    expect(read(tensor([10, 10]) as Tensor).toArray()).toEqual([70, 80]);
    add(tensor([1, 1]) as Tensor);
    expect(read(tensor([1, 1]) as Tensor).toArray()).toEqual([8, 9]);
  });

  test("that exchange their values do so", () => {
    const [a, b] = [variable(tensor([1, 2])), variable(tensor([3, 4]))];
    const exchange = compile(() => {
      const kept = a.value.detach();
      a.assign(b.value.detach());
      b.assign(kept);
    });
    exchange();
    expect([a.value.toArray(), b.value.toArray()]).toEqual([
      [3, 4],
      [1, 2],
    ]);
  });

  test("get products and sums of themselves and each other as eager ones do, and what they held is read before", () => {
    const train = (wrap: typeof compile) => {
      const matrix = (rows: number[][]) => variable(tensor(rows) as Tensor);
      const [a, b] = [
        matrix([
          [1, 2],
          [3, 4],
        ]),
        matrix([
          [0, 1],
          [1, 1],
        ]),
      ];
      const [c, s] = [
        matrix([
          [9, 8],
          [7, 6],
        ]),
        variable(tensor([1, 1]) as Tensor),
      ];
      const step = wrap((x: Tensor) => {
        const before = c.add(1) as Tensor;
        const [left, right] = [a.matmul(b as never), b.matmul(a.transpose() as never)];
        c.assign(a.matmul(a as never) as Tensor);
        a.assign(left as Tensor);
        b.assign(right as Tensor);
        s.assign(x.mul(s).sum({ axis: 0 }) as Tensor);
        return [before, c.sum() as Tensor];
      });
      const x = tensor([
        [1, 2],
        [3, 4],
      ]) as Tensor;
      const seen = [0, 1, 2].flatMap(() => step(x).map((each) => [...each.data]));
      return [...seen, ...[a, b, c, s].map((each) => [...each.data])];
    };
    expect(train(compile)).toEqual(train(((f: unknown) => f) as never));
  });

  test("keep the gradients that backward leaves in them, and add to those they have", () => {
    const v = variable(tensor([1, 2], { dtype: "float64" }));
    const loss = (x: Tensor) => (v.mul(v).mul(x).sum() as Tensor).backward();
    const compiled = compile(loss);
    const x = tensor([1, 10], { dtype: "float64" }) as Tensor;
    compiled(x);
    expect(v.grad!.toArray()).toEqual([2, 40]);
    compiled(x);
    expect(v.grad!.toArray()).toEqual([4, 80]);
    v.clearGrad();
    compiled(x);
    expect(v.grad!.toArray()).toEqual([2, 40]);
  });

  test("are left alone by a call that throws", () => {
    const v = variable(zeros([3]) as Tensor);
    const step = compile((labels: Tensor) => {
      v.assign(v.value.add(1));
      return crossEntropy(v.value.reshape([1, 3]), labels);
    });
    step(tensor(Int32Array.of(2)) as Tensor);
    expect(() => step(tensor(Int32Array.of(3)) as Tensor)).toThrow(/label 3 is none of the 3 classes/);
    expect(v.value.toArray()).toEqual([1, 1, 1]);
  });

  test.each([
    ["sgd", () => sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 })],
    ["adam", () => adam({ learningRate: 0.01 })],
  ])("a whole training step by %s takes a network where eager steps take it", (_name, optimizer) => {
    const train = (wrap: <F extends (...args: never[]) => unknown>(f: F) => F) => {
      const model = mlp([5, 7, 3], {
        activation: relu,
        outputActivation: linear,
        key: randomKey(3),
        dtype: "float64",
      });
      const [o, weights] = [optimizer(), variables(model)];
      const step = wrap((x: Tensor, y: Tensor) =>
        o.minimize(() => crossEntropy(model.forward(x as never) as Tensor, y), weights),
      );
      const x = normal(randomKey(4), [6, 5], { dtype: "float64" }) as Tensor;
      const y = tensor([0, 1, 2, 0, 1, 2]) as Tensor;
      const losses = Array.from({ length: 30 }, (_, i) => {
        if (i === 10) o.learningRate.assign(o.learningRate.value.mul(0.5));
        return step(x, y.cast("int32")).item();
      });
      return [...losses, ...Object.values(weights).flatMap((each) => Array.from(each.data))];
    };
    const [compiled, eager] = [train((f) => compile(f)), train((f) => f)];
    // Thirty steps of a smooth loss: rounding of 1e-16 grows by a factor of a few a step at most.
    compiled.forEach((value, i) => {
      expect(Math.abs(value - eager[i]!)).toBeLessThanOrEqual(1e-11 * Math.max(1, Math.abs(eager[i]!)));
    });
  });
});

describe("what is known while a function is recorded", () => {
  test("may be asked for, however large", () => {
    const f = (x: Tensor) => {
      const table = ones([3000]).mul(2);
      const last = table.slice(-1).item();
      return x
        .mul(table.sum().item())
        .add(last)
        .add(table.slice([10, 12]));
    };
    const x = tensor([1, -1]) as Tensor;
    expect(compile(f)(x).data).toEqual(f(x).data);
  });
});

test("a known number at the end of a chain of 20,000 known arrays may be asked for", () => {
  const f = (x: Tensor) => {
    let sum = ones([2000]) as Tensor;
    for (let i = 0; i < 20_000; i++) sum = sum.add(1) as Tensor;
    return x.mul(sum.slice(7).item());
  };
  expect(compile(f)(tensor([1]) as Tensor).item()).toBe(20_001);
});

describe("what can't be compiled", () => {
  test("is not guessed at: options and builds that are not known are refused by name", () => {
    expect(() => compile(double, { bulid: "simd" } as never)).toThrow(/bulid/);
    expect(() => compile(double, { build: "fast" as never })).toThrow(
      /build "fast" is not known; use "none"/,
    );
  });

  test("says so, and how else to do it", () => {
    const choose = compile((x: Tensor) => ((x.sum() as Tensor).item() > 0 ? x : x.neg()));
    expect(() => choose(tensor([1]) as Tensor)).toThrow(CompileError);
    expect(() => choose(tensor([1]) as Tensor)).toThrow(/where\(condition, a, b\)/);
    expect(() => compile(async (x: Tensor) => x)(tensor([1]) as Tensor)).toThrow(/async/);
  });

  test("leaves variables as they were", () => {
    const v = variable(tensor([1, 2]));
    const f = compile((x: Tensor) => {
      v.assign(v.value.add(x));
      return (v.sum() as Tensor).item();
    });
    expect(() => f(tensor([1, 1]) as Tensor)).toThrow(CompileError);
    expect(v.value.toArray()).toEqual([1, 2]);
  });

  test("runs through a host call that the listing shows, a user's primitive for one", () => {
    const reversed = definePrimitive({
      name: "reversed",
      shape: ([shape]) => shape!,
      value([x], out) {
        out.set(Array.from(x!.data as Float32Array).reverse());
      },
      pullback: (_step, dy) => [dy.flip()],
    });
    const f = compile(
      grad(
        (x: Tensor) =>
          reversed(x.mul(3))
            .mul(tensor([1, 2, 3]) as Tensor)
            .sum() as Tensor,
      ),
    );
    const x = tensor([1, 2, 3]) as Tensor;
    expect(f(x).toArray()).toEqual([9, 6, 3]);
    expect(String(compile((v: Tensor) => reversed(v)).program(x))).toMatch(/host call .*reversed/);
  });
});

describe("within transforms", () => {
  test("a compiled function differentiates like the function itself", () => {
    const f = (x: Tensor) => x.tanh().mul(x).sum() as Tensor;
    const x = tensor([0.3, -1.2], { dtype: "float64" }) as Tensor;
    expect(grad(compile(f))(x).toArray()).toEqual(grad(f)(x).toArray());
    expect(hvp(compile(f), x, x).toArray()).toEqual(hvp(f, x, x).toArray());
    const inner = compile(grad(f));
    const outer = compile((v: Tensor) => inner(v).mul(2));
    const expected = grad(f)(x).mul(2).data;
    // Twelve digits of functions that are right to a few units of the sixteenth.
    for (const [i, value] of outer(x).data.entries()) expect(value).toBeCloseTo(expected[i]!, 12);
  });
});
