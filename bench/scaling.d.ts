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
export declare const h100: Device;
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
export declare function weightsOf({ blocks, width, others }: Transformer): {
    readonly split: number;
    readonly whole: number;
};
/** Numbers of each device that become sums over devices in a step: gradients with the loss, and activations. */
export declare function summedNumbers(network: Transformer, { data, model }: Layout): {
    readonly gradients: number;
    readonly activations: number;
};
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
export declare function timesOf(network: Transformer, layout: Layout, device: Device): Times;
/** The network of the table: 24 blocks, 1024 wide, 302 million weights, 512 samples of 1024 tokens. */
export declare const example: Transformer;
/** The table of docs/guides/scaling-out.md. */
export declare function table(network?: Transformer, device?: Device): string;
//# sourceMappingURL=scaling.d.ts.map