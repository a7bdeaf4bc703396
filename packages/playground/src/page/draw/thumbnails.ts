// Small drawings of the data sets, made of a few points that look like them. Coordinates run from 0 to 1, y downwards.

export interface Dot {
  readonly x: number;
  readonly y: number;
  readonly group: 0 | 1;
}

const many = (count: number, dot: (t: number, i: number) => Dot): Dot[] =>
  Array.from({ length: count }, (_, i) => dot(i / (count - 1), i));

const table = (): readonly Dot[] =>
  [0.2, 0.5, 0.8].flatMap((y) => [0.2, 0.5, 0.8].map((x) => ({ x, y, group: (x === 0.8 ? 1 : 0) as 0 | 1 })));

const DRAWINGS: Readonly<Record<string, () => readonly Dot[]>> = {
  grounded: () => [
    { x: 0.2, y: 0.2, group: 0 },
    { x: 0.2, y: 0.8, group: 1 },
    { x: 0.8, y: 0.2, group: 1 },
    { x: 0.8, y: 0.8, group: 1 },
  ],
  xor: () =>
    [0.25, 0.75].flatMap((x) =>
      [0.25, 0.75].flatMap((y) =>
        [-0.09, 0.09].flatMap((d) => [
          { x: x + d, y: y - d / 2, group: (x === y ? 0 : 1) as 0 | 1 },
          { x: x + d / 2, y: y + d, group: (x === y ? 0 : 1) as 0 | 1 },
        ]),
      ),
    ),
  moons: () => [
    ...many(9, (t) => ({
      x: 0.36 - 0.26 * Math.cos(Math.PI * t),
      y: 0.55 - 0.34 * Math.sin(Math.PI * t),
      group: 0,
    })),
    ...many(9, (t) => ({
      x: 0.64 - 0.26 * Math.cos(Math.PI * t),
      y: 0.45 + 0.34 * Math.sin(Math.PI * t),
      group: 1,
    })),
  ],
  rings: () => [
    ...many(6, (t) => ({ x: 0.5 + 0.15 * Math.cos(5.2 * t), y: 0.5 + 0.15 * Math.sin(5.2 * t), group: 0 })),
    ...many(13, (t) => ({ x: 0.5 + 0.4 * Math.cos(5.8 * t), y: 0.5 + 0.4 * Math.sin(5.8 * t), group: 1 })),
  ],
  spiral: () =>
    ([0, 1] as const).flatMap((group) =>
      many(11, (t) => {
        const turn = 5 * t + group * Math.PI;
        return {
          x: 0.5 + (0.05 + 0.38 * t) * Math.cos(turn),
          y: 0.5 + (0.05 + 0.38 * t) * Math.sin(turn),
          group,
        };
      }),
    ),
  quiz: () => many(10, (t) => ({ x: 0.1 + 0.8 * t, y: 0.9 - 0.8 * t * t, group: 0 })),
  digits: () =>
    many(14, (t) => ({ x: 0.5 + 0.24 * Math.cos(6.1 * t), y: 0.5 + 0.38 * Math.sin(6.1 * t), group: 0 })),
};

/** Points that look like a data set; a few rows of a table for a name that has no drawing. */
export const thumbnail = (name: string): readonly Dot[] => (DRAWINGS[name] ?? table)();
