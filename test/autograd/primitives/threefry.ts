// Threefry-2x32-20 once more, from the paper's equations and in whole numbers without end, against the engine's.
// Salmon, Moraes, Dror & Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", section 4.

const word = 2n ** 32n;
const unsigned = (x: number) => BigInt(x >>> 0);
const rotations = [13n, 15n, 26n, 6n, 17n, 29n, 16n, 24n];

/** Two signed words from a key and a counter of two words each. */
export function threefryByTheBook(
  key: readonly [number, number],
  counter: readonly [number, number],
): [number, number] {
  const [k0, k1] = [unsigned(key[0]), unsigned(key[1])];
  const keys = [k0, k1, 0x1bd11bdan ^ k0 ^ k1];
  // Key s is injected before round 4s: x0 gets key s, x1 key s + 1 and s itself, counted modulo 3.
  let x0 = (unsigned(counter[0]) + keys[0]!) % word;
  let x1 = (unsigned(counter[1]) + keys[1]!) % word;
  for (let s = 1; s <= 5; s++) {
    for (let i = 0; i < 4; i++) {
      const r = rotations[(4 * (s - 1) + i) % 8]!;
      x0 = (x0 + x1) % word;
      x1 = (((x1 << r) % word) | (x1 >> (32n - r))) ^ x0;
    }
    x0 = (x0 + keys[s % 3]!) % word;
    x1 = (x1 + keys[(s + 1) % 3]! + BigInt(s)) % word;
  }
  return [Number(x0) | 0, Number(x1) | 0];
}
