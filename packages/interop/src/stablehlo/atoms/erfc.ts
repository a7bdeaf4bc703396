// The complementary error function, of which XLA's own loses digits where x is large, and the inverse error function.

import type { Operand } from "../operand.ts";
import type { Elements } from "./elements.ts";

/** v of e^(−x²)·(1 + v)/(1 + 2x), over x: within 2^-56 up to 28. */
const numerator = [
  0.8716208329044876, 1.7857497995645946, 1.8321364759176875, 1.21251679315673, 0.5667493308693273,
  0.19422184107753357, 0.0492403563371306, 0.009103470022778948, 0.0011738440235999094, 9.52596549895848e-5,
  3.673724547409084e-6,
];
const denominator = [
  1, 3.4906326454097387, 5.703478777731067, 5.770272417896703, 4.0262329074223056, 2.0403327116554335,
  0.768954071111598, 0.21645940687672638, 0.044848013207926835, 0.006561053917407711, 0.0006162580118610518,
  2.8616204875916493e-5,
];
const END = 27.3;

/** x with half of its digits, so that its square is exact. */
function upperDigits(e: Elements, x: Operand): Operand {
  const [type, mask] =
    e.type === "f32" ? (["ui32", 0xfffff000n] as const) : (["ui64", 0xfffffffff8000000n] as const);
  const bits = e.emit.bitcast(x, type);
  return e.emit.bitcast(e.emit.binary("and", bits, e.emit.bits(mask, type, x.shape)), x.type);
}

/** 1 − erf x for small x, where nothing cancels, and by the formula beyond; 2 minus that of −x for x < 0. */
export function erfc(e: Elements, x: Operand): Operand {
  const size = e.abs(x);
  const held = e.min(size, END);
  const z = upperDigits(e, held);
  const beside = e.mul(e.sub(z, held), e.add(z, held));
  // A maximum keeps XLA from making one exponential of two.
  const power = e.mul(e.max(e.exp(e.neg(e.mul(z, z))), 0), e.exp(beside));
  const share = e.mul(held, e.div(e.polynomial(held, numerator), e.polynomial(held, denominator)));
  const far = e.div(e.mul(power, e.add(share, 1)), e.add(e.add(held, held), 1));
  const tail = e.select(e.less(e.emit.like(END, x), size), 0, far);
  const near = e.sub(1, e.emit.special("erf", x));
  const beyond = e.select(e.less(x, 0), e.sub(2, tail), tail);
  return e.select(e.less(size, 0.47), near, beyond);
}

/** XLA's own in float64, which is within 20 ulps, and one step of Halley's method, which cubes the error. */
export const erfInv = (elements: Elements, y: Operand): Operand => elements.wide(inverse, y);

function inverse(e: Elements, y: Operand): Operand {
  const first = e.emit.special("erf_inv", y);
  const size = e.abs(y);
  const x = e.abs(first);
  // Exact where it is small: next to 1, where the function is steepest.
  const rest = e.sub(e.sub(1, size), erfc(e, x));
  const excess = e.select(e.less(size, 0.5), e.sub(e.emit.special("erf", x), size), rest);
  const newton = e.mul(e.mul(excess, Math.sqrt(Math.PI) / 2), e.exp(e.mul(x, x)));
  const better = e.sub(x, e.div(newton, e.add(e.mul(x, newton), 1)));
  const signed = e.select(e.less(y, 0), e.neg(better), better);
  return e.select(e.and(e.less(size, 1), e.less(e.emit.like(0, size), size)), signed, first);
}
