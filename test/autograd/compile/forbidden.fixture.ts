// Large eager operations and compiled functions, whose numbers are printed. Run with the name of what the engine is to
// lack, which goes before the package is loaded.

// Neither the language's types nor Node's have it.
interface Engine {
  Memory: new (descriptor: object) => { grow(pages: number): number };
  Module: unknown;
  compile: unknown;
  Instance: unknown;
}
const globals = globalThis as unknown as { WebAssembly?: Engine; FinalizationRegistry?: unknown };

function refuse(error: Error): never {
  throw error;
}

const policy = () => refuse(new EvalError("violates the following Content Security Policy directive"));

const lacks: Readonly<Record<string, () => void>> = {
  nothing: () => {},
  WebAssembly: () => {
    delete globals.WebAssembly;
  },
  permission: () => {
    globals.WebAssembly!.Module = function Module() {
      policy();
    };
    globals.WebAssembly!.compile = () => Promise.reject(new EvalError("Content Security Policy"));
  },
  instances: () => {
    globals.WebAssembly!.Instance = function Instance() {
      policy();
    };
  },
  memory: () => {
    globals.WebAssembly!.Memory = function Memory() {
      refuse(new RangeError("WebAssembly.Memory(): could not allocate memory"));
    } as never;
  },
  finalizers: () => {
    delete globals.FinalizationRegistry;
  },
  growth: () => {
    globals.WebAssembly!.Memory.prototype.grow = () =>
      refuse(new RangeError("WebAssembly.Memory.grow(): Unable to grow instance memory"));
  },
};
const lack = process.argv[2]!;
lacks[lack]!();

const { compile, grad, scalar, tensor, variable } = await import("@adjoint/autograd");
type Tensor = import("@adjoint/autograd").Tensor;

const N = 200_000;
const values = (n: number) => Float64Array.from({ length: n }, (_, i) => ((i * 7919) % 1009) / 1009 - 0.5);
const x = tensor(values(N), { shape: [N / 50, 50], dtype: "float64" }) as Tensor;
const w = variable(tensor(values(50 * 40), { shape: [50, 40], dtype: "float64" }) as Tensor);
const digest = (t: Tensor) => {
  const { data } = t;
  return [data.length, data[0], data[data.length >> 1], data[data.length - 1]];
};

console.log("elements", ...digest(x.mul(2).add(1) as Tensor));
console.log("product", ...digest(x.matmul(w as never) as Tensor));
console.log("sum", ...digest(x.sum() as Tensor), ...digest(x.sum({ axis: 0 } as never) as Tensor));
console.log("extremes", ...digest(x.max({ axis: 1 } as never) as Tensor));
const step = (input: Tensor) => {
  w.assign(w.mul(0.5) as Tensor);
  return grad(
    (v: Tensor) =>
      input
        .matmul(v as never)
        .square()
        .sum() as Tensor,
  )(w.value) as Tensor;
};
const run = compile(step);
const attempts = [
  () => run(x),
  () => run(x),
  () => compile((s: Tensor) => s.mul(2))(tensor([1, 2]) as Tensor),
];
for (const attempt of attempts) {
  try {
    console.log("compiled", ...digest(attempt() as Tensor));
  } catch (error) {
    console.log("compiled", (error as Error).name, (error as Error).message);
  }
}
console.log("variable", ...digest(w.value as Tensor));
const prepared = compile((s: Tensor) => s.square().sum());
await prepared.prepare(tensor([1, 2, 3]) as Tensor);
console.log("prepared", prepared(tensor([1, 2, 3]) as Tensor).item());
const s = scalar(3);
compile((a: typeof s) => a.mul(a))(s).backward();
console.log("scalar", s.grad);
