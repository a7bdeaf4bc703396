// The lecture's grounded example, as given: everything else is computed.

/** W⁽⁰⁾ and W⁽¹⁾, row 0 the bias weights. */
export const GROUNDED_WEIGHTS: readonly (readonly (readonly number[])[])[] = [
  [
    [0.4, 0.6],
    [0.7, -0.4],
    [-0.2, 0.3],
  ],
  [[-0.3], [0.5], [0.1]],
];

export const GROUNDED_INPUT: readonly number[] = [0, 1];
export const GROUNDED_TARGET: readonly number[] = [1];
/** The learning rate ρ. */
export const GROUNDED_RATE = 1;
