// The part of jax-js that is used here. Its own types come with its package, which the checks run without.

/** Whoever passes an array gives it away; `ref` is one more reference, to be given away instead. */
export interface A {
  readonly ref: A;
  readonly shape: number[];
  dispose(): void;
  dataSync(): Float32Array;
  js(): number;
  blockUntilReady(): Promise<A>;
  add(other: A | number): A;
  sub(other: A | number): A;
  mul(other: A | number): A;
  div(other: A | number): A;
  sum(axis?: number): A;
  mean(): A;
  reshape(shape: number[]): A;
}

/** Arrays, and arrays and objects of them. */
export type Tree = A | readonly Tree[] | { readonly [key: string]: Tree };

export interface Jax {
  init(device: string): Promise<string[]>;
  defaultDevice(device: string): string;
  jit<F extends (...args: never[]) => Tree>(f: F): F;
  grad<P extends Tree, R extends Tree[]>(f: (p: P, ...rest: R) => A): (p: P, ...rest: R) => P;
  valueAndGrad<P extends Tree, R extends Tree[]>(f: (p: P, ...rest: R) => A): (p: P, ...rest: R) => [A, P];
  jvp<P extends Tree, O extends Tree>(f: (p: P) => O, primals: [P], tangents: [P]): [O, O];
  tree: { ref<P extends Tree>(tree: P): P; dispose(tree: Tree): void };
  numpy: {
    array(values: ArrayLike<number>, options?: { shape?: number[] }): A;
    zeros(shape: number[]): A;
    arange(stop: number): A;
    equal(a: A, b: A): A;
    where(condition: A, a: A, b: number): A;
    matmul(a: A, b: A): A;
    tanh(x: A): A;
    sqrt(x: A): A;
    power(x: A | number, y: A): A;
  };
  nn: {
    relu(x: A): A;
    sigmoid(x: A): A;
    softplus(x: A): A;
    logSoftmax(x: A): A;
    logsumexp(x: A, axis: number): A;
  };
  lax: {
    conv(x: A, kernel: A, strides: number[], padding: "SAME"): A;
    reduceWindow(x: A, f: (window: A) => A, size: number[], strides: number[]): A;
  };
}
