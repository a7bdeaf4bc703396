// On paper: what a training step of a transformer takes on many devices, by what they compute, read and send. Nothing here is
// timed; what is sent is held against compiled programs by the tests beside it.
// Run: npx tsx --conditions=@adjoint/source test/interop/xla/on-paper.ts

/** A kind of device, as its maker describes it. */
export interface Device {
  readonly name: string;
  /** Float32 operations, multiplications and additions counted apart, in a second. */
  readonly operations: number;
  /** Bytes to and from its memory in a second. */
  readonly memory: number;
  /** Bytes that it can send to devices of its node in a second, and to others. */
  readonly near: number;
  readonly far: number;
  /** How many devices are in a node. */
  readonly node: number;
}

/**
 * NVIDIA H100 SXM: 67 TFLOP/s in float32 and 3.35 TB/s (datasheet of the H100 Tensor Core GPU); NVLink's 900 GB/s are both
 * directions together, and a DGX H100 has eight of them with 400 Gb/s of network each (its user guide).
 */
export const h100: Device = {
  name: "H100 SXM",
  operations: 67e12,
  memory: 3.35e12,
  near: 450e9,
  far: 50e9,
  node: 8,
};

/** A transformer: `blocks` of attention and a network four times as wide, and a step on `batch` samples of `context` places. */
export interface Transformer {
  readonly blocks: number;
  readonly width: number;
  readonly context: number;
  readonly batch: number;
  /** Weights outside of the blocks. */
  readonly others: number;
}

/** How the devices stand: the batch is split over `data`, and weights over `model`. */
export interface Layout {
  readonly data: number;
  readonly model: number;
}

/** Weights of the blocks that are split, and those that each device has whole. */
export function weightsOf({ blocks, width, others }: Transformer): {
  readonly split: number;
  readonly whole: number;
} {
  // Four matrices of attention and two of the network, with the biases of what is split by columns.
  const split = blocks * (12 * width ** 2 + (3 + 4) * width);
  // The biases that are added after sums, and two normalisations.
  return { split, whole: blocks * (2 + 4) * width + others };
}

/** Numbers of each device that become sums over devices in a step: gradients with the loss, and activations. */
export function summedNumbers(
  network: Transformer,
  { data, model }: Layout,
): { readonly gradients: number; readonly activations: number } {
  const { split, whole } = weightsOf(network);
  const { blocks, width, context, batch } = network;
  return {
    gradients: data === 1 ? 0 : split / model + whole + 1,
    // Two in each block forward; backward one for the network, and three for queries, keys and values.
    activations: model === 1 ? 0 : blocks * 6 * (batch / data) * context * width,
  };
}

/** What a device sends for a sum of so many float32 numbers over n devices, in a ring: each part goes round twice. */
const ring = (numbers: number, n: number) => (2 * (n - 1) * 4 * numbers) / n;

export interface Times {
  /** Bytes that each device sends for gradients, and for activations. */
  readonly gradientBytes: number;
  readonly activationBytes: number;
  /** Seconds of computing, of reading and writing weights, and of sending, each by itself at the published rates. */
  readonly computing: number;
  readonly memory: number;
  readonly sending: number;
}

/** The times of one step. Nothing is reached in full in practice; they say which of the three is the limit. */
export function timesOf(network: Transformer, layout: Layout, device: Device): Times {
  const { data, model } = layout;
  const { blocks, width, context, batch } = network;
  const { split, whole } = weightsOf(network);
  const { gradients, activations } = summedNumbers(network, layout);
  const gradientBytes = ring(gradients, data);
  const activationBytes = ring(activations, model);
  // A product forward and two backward; attention's two products have no weights.
  const operations = 6 * (split + whole) * batch * context + 12 * blocks * batch * context ** 2 * width;
  // Devices of one model stand together. Those that share gradients are of different nodes unless all are of one.
  const modelRate = model <= device.node ? device.near : device.far;
  const dataRate = data * model <= device.node ? device.near : device.far;
  return {
    gradientBytes,
    activationBytes,
    computing: operations / (data * model) / device.operations,
    // Weights are read forward and backward; Adam reads four numbers for each and writes three.
    memory: ((2 + 4 + 3) * 4 * (split / model + whole)) / device.memory,
    sending: gradientBytes / dataRate + activationBytes / modelRate,
  };
}

/** The network of the table: 24 blocks, 1024 wide, 302 million weights, 512 samples of 1024 tokens. */
export const example: Transformer = { blocks: 24, width: 1024, context: 1024, batch: 512, others: 0 };

const layouts: readonly Layout[] = [8, 64, 512].flatMap((n) => [
  { data: n, model: 1 },
  { data: n / 8, model: 8 },
  ...(n === 64 ? [{ data: 1, model: 64 }] : []),
]);

/** The table of docs/guides/scaling-out.md. */
export function table(network: Transformer = example, device: Device = h100): string {
  const rows = layouts.map((layout) => {
    const { gradientBytes, activationBytes, computing, memory, sending } = timesOf(network, layout, device);
    const mega = (bytes: number) => (bytes / 1e6).toFixed(0);
    const milli = (seconds: number) => (1e3 * seconds).toFixed(1);
    const { data, model } = layout;
    return [
      data * model,
      `${data} × ${model}`,
      mega(gradientBytes),
      mega(activationBytes),
      ...[computing, memory, sending].map(milli),
    ];
  });
  const head = [
    "devices",
    "data × model",
    "MB of gradients",
    "MB of activations",
    "computing, ms",
    "memory, ms",
    "sending, ms",
  ];
  return [head, head.map(() => "---:"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

if (process.argv[1] === import.meta.filename) console.log(table());
