// A WebAssembly module of one loop, by hand: chains of multiplications and additions in registers, four numbers at a
// time, and nothing from memory.

/** Independent chains: enough to hide the latency, few enough for sixteen registers. */
const CHAINS = 12;
/** Each turn of the loop goes through the chains this often. */
const UNROLLED = 4;

/** Operations that a turn of the loop does. */
export const FLOPS_PER_TURN: number = CHAINS * UNROLLED * 4 * 2;

const local = { n: 0, factor: 1, summand: 2, chain: (i: number) => 3 + i };
const get = (i: number) => [0x20, i];
const set = (i: number) => [0x21, i];
const constant = (value: number) => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];
const splat = [0xfd, 0x13];
const add = [0xfd, 0xe4, 0x01];
const mul = [0xfd, 0xe6, 0x01];
const relaxedMadd = [0xfd, 0x85, 0x02];

/** An unsigned number in LEB128. */
function leb(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...leb(value >>> 7)];
}

const section = (id: number, ...items: number[][]) => {
  const content = [...leb(items.length), ...items.flat()];
  return [id, ...leb(content.length), ...content];
};

/** run(turns) → a number that depends on every chain. `fused` multiplies and adds in one instruction, where there is one. */
export function loopModule(fused: boolean): Uint8Array<ArrayBuffer> {
  const chains = Array.from({ length: CHAINS }, (_, i) => local.chain(i));
  const step = (chain: number) =>
    fused
      ? [...get(chain), ...get(local.factor), ...get(local.summand), ...relaxedMadd, ...set(chain)]
      : [...get(chain), ...get(local.factor), ...mul, ...get(local.summand), ...add, ...set(chain)];
  const begin = (at: number, value: number) => [...constant(value), ...splat, ...set(at)];
  const turn = Array.from({ length: UNROLLED }, () => chains.flatMap(step)).flat();
  const body = [
    // One run of 2 + CHAINS locals of type v128.
    ...[1, 2 + CHAINS, 0x7b],
    // x ← x/2 + 1/2 stays near 1: no overflow, and nothing so small that it would be slow.
    ...begin(local.factor, 0.5),
    ...begin(local.summand, 0.5),
    ...chains.flatMap((chain, i) => begin(chain, i)),
    ...[0x03, 0x40], // loop
    ...turn,
    ...[...get(local.n), 0x41, 1, 0x6b, 0x22, local.n, 0x0d, 0], // if (n -= 1) again
    0x0b,
    ...get(chains[0]!),
    ...chains.slice(1).flatMap((chain) => [...get(chain), ...add]),
    ...[0xfd, 0x1f, 0], // first lane
    0x0b,
  ];
  const name = [...new TextEncoder().encode("run")];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [0x60, 1, 0x7f, 1, 0x7d]),
    ...section(3, [0]),
    ...section(7, [name.length, ...name, 0, 0]),
    ...section(10, [...leb(body.length), ...body]),
  ]);
}
