// The operations on lanes, of which atoms are made where many elements are computed at once. An atom says in them how lanes
// compute it; what the lanes are (WebAssembly vectors of float32 or float64) is written elsewhere.

/** Computed lanes: several numbers, whole numbers or truth values side by side. */
export interface Lane {
  /** "float" lanes; "int" lanes of the same width (32 or 64 bits); or "mask": all bits of a lane set, or none. */
  readonly kind: "float" | "int" | "mask";
  /** The number in every lane, where that is known while the program is written. */
  readonly constant?: number;
}

/**
 * A program over lanes while it is written: every method adds an instruction and returns its result. Arithmetic rounds as
 * IEEE 754 has it, in the lanes' type.
 */
export interface Lanes {
  /** 32: float32 lanes; 64: float64 lanes. */
  readonly bits: 32 | 64;

  /** The same number in every lane. */
  constant(value: number): Lane;
  /** a + b, on float lanes. */
  add(a: Lane, b: Lane): Lane;
  /** a − b, on float lanes. */
  sub(a: Lane, b: Lane): Lane;
  /** a·b, on float lanes. */
  mul(a: Lane, b: Lane): Lane;
  /** a/b, on float lanes. */
  div(a: Lane, b: Lane): Lane;
  /** −a, on float lanes. */
  neg(a: Lane): Lane;
  /** |a|, on float lanes. */
  abs(a: Lane): Lane;
  /** √a, on float lanes; NaN below 0. */
  sqrt(a: Lane): Lane;
  /** The largest whole number not above a. */
  floor(a: Lane): Lane;
  /** The smallest whole number not below a. */
  ceil(a: Lane): Lane;
  /** Without the fraction. */
  trunc(a: Lane): Lane;
  /** To the nearest whole number, ties to even. */
  nearest(a: Lane): Lane;
  /** a·b + c; rounded once where the build has fused multiply-add, else twice. */
  madd(a: Lane, b: Lane, c: Lane): Lane;
  /** b < a ? b : a, in one fast instruction; for operands that are not NaN. */
  lesser(a: Lane, b: Lane): Lane;
  /** a < b ? b : a. */
  greater(a: Lane, b: Lane): Lane;

  /** Comparisons of float or int lanes give masks. All but notEqual are false for NaN. */
  isEqual(a: Lane, b: Lane): Lane;
  /** a ≠ b, as a mask; true for NaN. */
  isNotEqual(a: Lane, b: Lane): Lane;
  /** a < b, as a mask; false for NaN. */
  isLess(a: Lane, b: Lane): Lane;
  /** a ≤ b, as a mask; false for NaN. */
  isLessEqual(a: Lane, b: Lane): Lane;
  /** mask ? a : b; each lane of the mask is all bits set, or none. */
  choose(mask: Lane, a: Lane, b: Lane): Lane;

  /** Bitwise, on lanes of any kind; the result has the kind of the first. */
  and(a: Lane, b: Lane): Lane;
  /** a or b, bit by bit. */
  or(a: Lane, b: Lane): Lane;
  /** a or b but not both, bit by bit. */
  xor(a: Lane, b: Lane): Lane;
  /** a and not b. */
  andNot(a: Lane, b: Lane): Lane;
  /** All bits inverted. */
  not(a: Lane): Lane;

  /** The same bits, as whole numbers or as floats. */
  asInt(a: Lane): Lane;
  /** The same bits, as floats. */
  asFloat(a: Lane): Lane;
  /** These bits in every lane; at most 64 of them count. */
  pattern(value: bigint): Lane;
  /** a + b on int lanes, modulo 2 to the number of bits. */
  intAdd(a: Lane, b: Lane): Lane;
  /** a − b on int lanes, modulo 2 to the number of bits. */
  intSub(a: Lane, b: Lane): Lane;
  /** The low bits of the product. */
  intMul(a: Lane, b: Lane): Lane;
  /** Bits moved up by a number of bits; zeros come in. */
  shiftLeft(a: Lane, by: number): Lane;
  /** Keeps the sign. */
  shiftRight(a: Lane, by: number): Lane;
  /** Bits moved down by a number of bits; zeros come in. */
  shiftRightUnsigned(a: Lane, by: number): Lane;
  /** A whole number below 2³¹ in magnitude, from a float lane to an int lane; and back. */
  toInt(a: Lane): Lane;
  /** A float of the same value, from an int lane. */
  toFloat(a: Lane): Lane;

  /** Computes in lanes of 64 bits, whatever the type here, and rounds once at the end. */
  wide(compute: (lanes: Lanes, ...operands: Lane[]) => Lane, ...operands: Lane[]): Lane;
  /**
   * `usual`, except where the mask holds: there the value of a JavaScript function, called lane by lane. It costs one test
   * where no lane needs it.
   */
  exceptWhere(mask: Lane, usual: Lane, value: (...operands: number[]) => number, ...operands: Lane[]): Lane;
}
