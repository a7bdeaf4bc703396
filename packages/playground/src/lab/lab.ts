// What the page asks of the laboratory, which is the engine in a worker. The page knows nothing of tensors: what goes to
// and fro is plain data.

/** What a person chooses. Plain data, which a link carries. */
export interface Settings {
  readonly data: DataSettings;
  /** The hidden layers, from the input on; none makes a network without hidden layers. */
  readonly hidden: readonly LayerSettings[];
  /** The activation of the output layer. Losses "from logits" want "linear". */
  readonly outputActivation: string;
  readonly loss: string;
  readonly optimizer: string;
  readonly learningRate: number;
  /** Samples in a batch; 0 is all. */
  readonly batch: number;
  /** The lecture's α: the share of the weights that is added to their gradients. */
  readonly l2: number;
  /** The share of hidden activations that is dropped while training, from 0 to below 1. */
  readonly dropout: number;
  /** Seeds first weights, the order of samples and dropout. */
  readonly seed: number;
}

export interface DataSettings {
  /** "grounded", "xor", "moons", "rings", "spiral", "quiz", "digits" or "csv". */
  readonly name: string;
  /** Standard deviation of what is added to the inputs of a drawn data set. */
  readonly noise: number;
  /** How many samples a drawn data set has, training and test together. */
  readonly samples: number;
  /** The table, where the name is "csv"; its last column is the target. */
  readonly csv?: string;
}

export interface LayerSettings {
  readonly units: number;
  /** A name from `Choices.activations`, or a formula of x such as "x * logistic(x)". */
  readonly activation: string;
}

/** What there is to choose from, in the order in which it is offered. */
export interface Choices {
  readonly data: readonly Choice[];
  readonly activations: readonly Choice[];
  readonly losses: readonly Choice[];
  readonly optimizers: readonly Choice[];
}

export interface Choice {
  readonly name: string;
  readonly title: string;
  /** One sentence that says what it is and when one takes it. */
  readonly about: string;
}

/** A mistake in something that a person typed: where it is, and what to do. */
export interface Mistake {
  /** What is wrong, by a path into the settings: "hidden.0.activation", "data.csv", "learningRate" … */
  readonly field: string;
  readonly message: string;
  /** The first character that is wrong and the one after the last, in a formula. */
  readonly from?: number;
  readonly to?: number;
  /** The line, counted from 1, in a table. */
  readonly line?: number;
}

/** What is known of an activation, named or typed. */
export interface ActivationFacts {
  /** As mathematics: "x·logistic(x)". */
  readonly formula: string;
  readonly derivative: string;
  /** ψ in y, the derivative in terms of the output; absent where there is none, and then `whyNoPsi` says why. */
  readonly psi?: string;
  readonly whyNoPsi?: string;
  readonly kinks: readonly number[];
  /** Points of the curves of the function and its derivative over `xs`. */
  readonly xs: readonly number[];
  readonly values: readonly number[];
  readonly slopes: readonly number[];
}

/** The checker's judgement of an activation: "right", "wrong" or "inconclusive", and its report in words. */
export interface Verdict {
  readonly verdict: "right" | "wrong" | "inconclusive";
  readonly report: string;
}

/** A layer of the network as it is drawn. Matrices are as the lecture writes them: row 0 belongs to the bias neuron. */
export interface LayerPicture {
  readonly name: string;
  /** How many units it has, without the bias neuron. */
  readonly size: number;
  readonly hasBias: boolean;
  /** x of each unit, the bias neuron's 1 first where there is one; absent before it is computed. */
  readonly x?: readonly number[];
  /** δ beside each unit, in the order of x. */
  readonly delta?: readonly number[];
  /** W to the next layer, absent at the output. */
  readonly weight?: readonly (readonly number[])[];
  readonly gradient?: readonly (readonly number[])[];
}

/** One step of the lesson: what is computed in it, and everything that is known after it. */
export interface Stage {
  /** Counted from 0, over all passes. */
  readonly index: number;
  readonly kind: "start" | "feedforward" | "loss" | "backpropagation" | "gradient" | "update";
  /** The layer whose x, δ or ∇ is new. */
  readonly layer?: number;
  readonly title: string;
  /** The equation of the lecture that is used, as MathML (presentation elements within `<math>`). */
  readonly equation?: string;
  /** The same with its numbers put in, as MathML; full precision where `exact` was asked for. */
  readonly numbers?: string;
  readonly layers: readonly LayerPicture[];
  readonly loss?: number;
  readonly prediction?: readonly number[];
  /** Where the lecture's slides print something else: a sentence each. */
  readonly errata: readonly string[];
}

/** Samples as they are drawn. */
export interface DataPicture {
  /** "plane": two inputs; "line": one input and one number to be predicted; "image": pixels; "table": anything else. */
  readonly kind: "plane" | "line" | "image" | "table";
  readonly inputs: readonly string[];
  /** Names of the classes, or of the one number that is predicted. */
  readonly outputs: readonly string[];
  /** Whether outputs are classes. */
  readonly isClassification: boolean;
  readonly training: SamplesPicture;
  readonly test: SamplesPicture;
  /** Size of the images, [height, width]. */
  readonly imageSize?: readonly [number, number];
  /** What was done to the inputs: "each column less its mean, divided by its standard deviation", say. */
  readonly scaling: string;
  readonly source?: string;
}

/** Rows lie one after another. */
export interface SamplesPicture {
  readonly count: number;
  /** [count, inputs]. */
  readonly x: Float32Array;
  /** The class or the number of each sample. */
  readonly y: Float32Array;
}

/** What a network predicts over the plane, or along the line, of its inputs. */
export interface Field {
  readonly columns: number;
  readonly rows: number;
  /** Least and greatest of each axis. */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  /** [rows, columns], the lowest row first: of two classes the probability of the second, of several the likeliest class, else the value. */
  readonly values: Float32Array;
}

/** What is known after some steps of training. Sent about as often as the screen is drawn. */
export interface Progress {
  readonly step: number;
  readonly epoch: number;
  readonly stepsPerSecond: number;
  readonly trainingLoss: number;
  readonly testLoss: number;
  /** Shares of right answers, of classifications. */
  readonly trainingAccuracy?: number;
  readonly testAccuracy?: number;
  /** For each hidden layer: the share of activations near the limits of their range; null where the range has none. */
  readonly saturation: readonly (number | null)[];
  /** For each layer of weights: the norm of its gradient. */
  readonly gradientNorms: readonly number[];
  readonly field?: Field;
  /** Where there is no field, of images and tables: the class or number that is predicted for the first 40 test samples. */
  readonly predictions?: Float32Array;
  /** The network, of which units have x of the first sample. */
  readonly layers: readonly LayerPicture[];
  /** Why training stopped by itself: a loss that is not a number, say. */
  readonly ended?: string;
}

/** A state that was opened. */
export interface Opened {
  readonly data: DataPicture;
  readonly progress: Progress;
  /** What runs: "a WebAssembly program", or, where the page forbids that, "JavaScript, some … times slower, since …". */
  readonly runsAs: string;
}

/** A weight's history: steps, and its value and gradient at them. */
export interface WeightHistory {
  readonly steps: readonly number[];
  readonly values: readonly number[];
  readonly gradients: readonly number[];
}

/** One tensor operation of a training step's tape. */
export interface TapeStep {
  readonly id: string;
  /** "matmul", "logistic", "W(0)" … */
  readonly name: string;
  readonly kind: "input" | "weight" | "operation" | "result";
  /** The layer that it belongs to, where one is known. */
  readonly layer?: number;
  readonly shape: readonly number[];
  /** A few of its numbers, as text, and of its gradient's. */
  readonly value: string;
  readonly gradient?: string;
  readonly operands: readonly string[];
}

/** A file to be saved. */
export interface Exported {
  readonly name: string;
  readonly type: string;
  readonly content: string | Uint8Array;
}

/** The laboratory. Every function may refuse with `{ mistakes }`; nothing has changed then. */
export interface Lab {
  choices(): Promise<Choices>;
  /** The lecture's grounded example from its start; stage `index` (stages go on for ever: the next pass follows an update). */
  stage(index: number, exact: boolean): Promise<Stage>;
  facts(activation: string): Promise<ActivationFacts | { mistakes: readonly Mistake[] }>;
  verdict(activation: string): Promise<Verdict | { mistakes: readonly Mistake[] }>;
  /** Settings with which such data are learnt well; the last column of a table says whether it holds classes. */
  suggest(data: DataSettings): Promise<Settings | { mistakes: readonly Mistake[] }>;
  /** Makes data and network. What was trained before is gone. */
  open(settings: Settings): Promise<Opened | { mistakes: readonly Mistake[] }>;
  /** Trains until `pause`, and says how far it has come about thirty times a second. */
  train(each: (progress: Progress) => void): Promise<void>;
  pause(): Promise<Progress>;
  /** Trains so many steps and stops. */
  steps(count: number): Promise<Progress>;
  /** History of the weight from unit `from` (0: the bias neuron) of a layer to unit `to` of the next. */
  weight(layer: number, from: number, to: number): Promise<WeightHistory>;
  /** x of a layer, without its bias neuron, over the first 256 training samples at most: [samples, units]. */
  activations(layer: number): Promise<Float32Array>;
  /** The tape of one training step on the first samples, gradients included. */
  tape(): Promise<readonly TapeStep[]>;
  /** "code": TypeScript for @adjoint/nn with these weights; "safetensors": the weights; "curves": losses, accuracies, norms by step as CSV. */
  exported(what: "code" | "safetensors" | "curves"): Promise<Exported>;
}
