// Where the operations of a tape are drawn: in rows from the inputs down, as Sugiyama's method has it. Each row is below its
// operands' rows; within rows, what belongs together is brought together, and nothing overlaps. Lengths are in pixels.

/** What is drawn for an operation: its box, with its numbers below. */
export interface Block {
  readonly id: string;
  readonly operands: readonly string[];
  readonly width: number;
}

export interface Wire {
  readonly from: string;
  readonly to: string;
  /** From the lower edge of the operand's block to the upper edge of the other. */
  readonly points: readonly (readonly [number, number])[];
}

export interface ArrangedTape {
  readonly width: number;
  readonly height: number;
  /** Middle of each block's upper edge, in the order of the blocks. */
  readonly places: readonly { readonly x: number; readonly y: number }[];
  readonly wires: readonly Wire[];
}

/** A block, or the place in a row where a wire passes that leads further down. */
interface Item {
  readonly width: number;
  readonly up: Item[];
  readonly down: Item[];
  row: number;
  x: number;
}

const GAP = 18;
const EDGE = 10;
const ROUNDS = 12;

/**
 * Arranges a tape.
 * @param blocks in an order in which operands come before what is made of them; other operands are left out
 * @param height of every block
 * @param between rows
 */
export function arrangeTape(blocks: readonly Block[], height: number, between: number): ArrangedTape {
  const items = new Map<string, Item>();
  for (const { id, width, operands } of blocks) {
    const rows = operands.map((operand) => items.get(operand)?.row ?? -1);
    items.set(id, { width, up: [], down: [], row: Math.max(-1, ...rows) + 1, x: 0 });
  }
  // What can wait stands just above the first that takes it: weights beside their layers.
  for (const { id } of [...blocks].reverse()) {
    const rows = blocks
      .filter((block) => block.operands.includes(id))
      .map((block) => items.get(block.id)!.row);
    if (rows.length > 0) items.get(id)!.row = Math.min(...rows) - 1;
  }
  const all = [...items.values()];
  const routes = blocks.flatMap(({ id, operands }) =>
    operands
      .filter((operand) => items.has(operand))
      .map((operand) => {
        const [from, to] = [items.get(operand)!, items.get(id)!];
        const route = [from];
        for (let row = from.row + 1; row < to.row; row++) {
          const passing: Item = { width: 8, up: [], down: [], row, x: 0 };
          all.push(passing);
          route.push(passing);
        }
        route.push(to);
        route.slice(1).forEach((item, i) => {
          item.up.push(route[i]!);
          route[i]!.down.push(item);
        });
        return { from: operand, to: id, route };
      }),
  );
  const rows: Item[][] = [];
  for (const item of all) (rows[item.row] ??= []).push(item);
  for (const row of rows)
    place(
      row,
      row.map((_, i) => i),
    );
  for (let round = 0; round < ROUNDS; round++) {
    const isDownwards = round % 2 === 0;
    for (const row of isDownwards ? rows : [...rows].reverse()) {
      const wanted = row.map((item) => middle(isDownwards ? item.up : item.down) ?? item.x);
      const order = row.map((_, i) => i);
      // The last rounds keep the order and only move.
      if (round < ROUNDS - 4) order.sort((a, b) => wanted[a]! - wanted[b]! || a - b);
      const sorted = order.map((i) => row[i]!);
      row.splice(0, row.length, ...sorted);
      place(
        row,
        order.map((i) => wanted[i]!),
      );
    }
  }
  const left = Math.min(...all.map(({ x, width }) => x - width / 2));
  for (const item of all) item.x += EDGE - left;
  const top = (row: number) => EDGE + row * (height + between);
  return {
    width: Math.max(...all.map(({ x, width }) => x + width / 2)) + EDGE,
    height: top(rows.length - 1) + height + EDGE,
    places: blocks.map(({ id }) => {
      const { x, row } = items.get(id)!;
      return { x, y: top(row) };
    }),
    wires: routes.map(({ from, to, route }) => ({
      from,
      to,
      points: route.flatMap(({ x, row }, i) => [
        ...(i === 0 ? [] : [[x, top(row)] as const]),
        ...(i === route.length - 1 ? [] : [[x, top(row) + height] as const]),
      ]),
    })),
  };
}

const middle = (items: readonly Item[]): number | undefined =>
  items.length === 0 ? undefined : items.reduce((sum, { x }) => sum + x, 0) / items.length;

/**
 * Places a row in its order as near as can be, by the sum of squares, to where each item is wanted, with a gap between
 * two: less their distances it is a monotonic regression, which pooling neighbours solves.
 */
function place(row: readonly Item[], wanted: readonly number[]): void {
  let distance = 0;
  const offsets = row.map(({ width }, i) => {
    if (i > 0) distance += (row[i - 1]!.width + width) / 2 + GAP;
    return distance;
  });
  const pools: { sum: number; count: number }[] = [];
  offsets.forEach((offset, i) => {
    let pool = { sum: wanted[i]! - offset, count: 1 };
    for (
      let last = pools.at(-1);
      last !== undefined && last.sum / last.count > pool.sum / pool.count;
      last = pools.at(-1)
    ) {
      pool = { sum: pool.sum + last.sum, count: pool.count + last.count };
      pools.pop();
    }
    pools.push(pool);
  });
  let i = 0;
  for (const { sum, count } of pools)
    for (let k = 0; k < count; k++, i++) row[i]!.x = sum / count + offsets[i]!;
}
