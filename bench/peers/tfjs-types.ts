// The part of TensorFlow.js that is used here. Its own types come with its package, which the checks run without.

export interface T {
  readonly shape: number[];
  dataSync(): Float32Array;
  dispose(): void;
}

export interface Info {
  dataId: object;
  shape: number[];
  dtype: string;
}

interface Optimizer {
  minimize(loss: () => T, returnCost: true, variables: readonly T[]): T;
}

export interface Backend {
  readSync(dataId: object): Float32Array;
  write(values: Float32Array, shape: number[], dtype: string): object;
  disposeData(dataId: object, force?: boolean): boolean;
}

export interface Kernel {
  kernelName: string;
  backendName: string;
  kernelFunc(call: { inputs: Record<string, Info>; backend: Backend; attrs: object }): Info | Info[];
}

export interface TF {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  findBackend(name: string): Backend;
  getKernelsForBackend(name: string): Kernel[];
  registerKernel(kernel: Kernel): void;
  env(): { set(flag: string, value: boolean): void };
  tidy<R>(f: () => R): R;
  dispose(tensors: readonly T[]): void;
  tensor(values: ArrayLike<number>, shape?: number[], dtype?: string): T;
  scalar(value: number): T;
  variable(value: T): T;
  oneHot(labels: T, classes: number): T;
  matMul(a: T, b: T): T;
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T | number): T;
  relu(a: T): T;
  sigmoid(a: T): T;
  tanh(a: T): T;
  sum(a: T, axis?: number): T;
  mean(a: T): T;
  expm1(a: T): T;
  log(a: T): T;
  addN(terms: readonly T[]): T;
  reshape(a: T, shape: number[]): T;
  transpose(a: T, order: number[]): T;
  conv2d(x: T, kernel: T, strides: number, padding: "same"): T;
  maxPool(x: T, size: number, strides: number, padding: "valid"): T;
  grads(f: (...xs: T[]) => T): (xs: readonly T[]) => T[];
  valueAndGrads(f: (...xs: T[]) => T): (xs: readonly T[]) => { value: T; grads: T[] };
  losses: {
    softmaxCrossEntropy(labels: T, logits: T): T;
    sigmoidCrossEntropy(labels: T, logits: T): T;
  };
  train: {
    sgd(rate: number): Optimizer;
    adam(rate: number, beta1: number, beta2: number, epsilon: number): Optimizer;
  };
}
