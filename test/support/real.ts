// Real numbers to 60 digits: m·2^e with whole m of PRECISION bits and an exponent without limit, so that nothing
// overflows. The independent reference for what expressions mean; each function is written from its definition
// or its Taylor series, none from Math, save as a first guess that Newton's method corrects.

/** Bits kept. Float64 has 53; the rest is room for cancellation. */
const PRECISION = 200;
/** Bits carried inside a series, so that its rounding stays below the last bit kept. */
const WORKING = 264;

/** Thrown where mathematics, or the patience of this file, gives no value: log(−1), 1/0, exp(10⁹). */
export class Undefined extends Error {}

export class Real {
  /** The value is m·2^e. */
  readonly m: bigint;
  readonly e: number;

  private constructor(m: bigint, e: number) {
    this.m = m;
    this.e = e;
  }

  static of(m: bigint, e: number): Real {
    if (m === 0n) return Real.ZERO;
    const excess = bitLength(m) - PRECISION;
    return excess > 0 ? new Real(shift(m, -excess), e + excess) : new Real(m, e);
  }

  /** Exactly the float64 x. */
  static from(x: number): Real {
    if (!Number.isFinite(x)) throw new Undefined(`${x} is not a real number`);
    if (x === 0) return Real.ZERO;
    const e = Math.max(-1074, Math.floor(Math.log2(Math.abs(x))) - 53);
    // Twice, since 2^1074 is no float64.
    return Real.of(BigInt(x * 2 ** Math.min(1000, -e) * 2 ** Math.max(0, -e - 1000)), e);
  }

  static readonly ZERO: Real = new Real(0n, 0);

  get sign(): number {
    return this.m > 0n ? 1 : this.m < 0n ? -1 : 0;
  }

  /** The exponent of the leading bit: |x| is in [2^k, 2^(k+1)). */
  get magnitude(): number {
    return this.m === 0n ? -Infinity : this.e + bitLength(this.m) - 1;
  }

  add(b: Real): Real {
    if (this.m === 0n) return b;
    if (b.m === 0n) return this;
    const [high, low] = this.e >= b.e ? [this, b] : [b, this];
    const gap = high.e - low.e;
    // Too far below to matter; keeps exponents like 2^(10^6) cheap.
    if (gap > 2 * PRECISION + 8 && high.magnitude - low.magnitude > PRECISION + 8) return high;
    return Real.of((high.m << BigInt(gap)) + low.m, low.e);
  }

  neg(): Real {
    return Real.of(-this.m, this.e);
  }

  sub(b: Real): Real {
    return this.add(b.neg());
  }

  mul(b: Real): Real {
    return Real.of(this.m * b.m, this.e + b.e);
  }

  /** x·2^k. */
  scale(k: number): Real {
    return Real.of(this.m, this.e + k);
  }

  div(b: Real): Real {
    if (b.m === 0n) throw new Undefined("division by zero");
    const room = Math.max(0, PRECISION + 2 + bitLength(b.m) - bitLength(this.m));
    return Real.of((this.m << BigInt(room)) / b.m, this.e - room - b.e);
  }

  abs(): Real {
    return this.m < 0n ? this.neg() : this;
  }

  compare(b: Real): number {
    return this.sub(b).sign;
  }

  floor(): Real {
    return this.e >= 0
      ? this
      : Real.of(this.e < -4 * PRECISION ? (this.m < 0n ? -1n : 0n) : this.m >> BigInt(-this.e), 0);
  }

  /** As a whole number, towards −∞. */
  toBigInt(): bigint {
    if (this.magnitude > 4096) throw new Undefined("too large for a whole number here");
    return shift(this.m, this.e);
  }

  /** The nearest float64, ties to even. */
  toNumber(): number {
    if (this.m === 0n) return 0;
    const magnitude = this.magnitude;
    if (magnitude > 1023) return this.sign * Infinity;
    if (magnitude < -1076) return this.sign < 0 ? -0 : 0;
    // Below 2^-1022 floats have fewer bits, down to 2^-1074.
    const drop = bitLength(this.m) - Math.min(53, magnitude + 1075);
    let m = this.m < 0n ? -this.m : this.m;
    let e = this.e;
    if (drop > 0) {
      const rest = m & ((1n << BigInt(drop)) - 1n);
      const half = 1n << BigInt(drop - 1);
      m >>= BigInt(drop);
      if (rest > half || (rest === half && (m & 1n) === 1n)) m += 1n;
      e += drop;
    }
    const down = Math.max(-1000, Math.min(e, 900));
    return this.sign * Number(m) * 2 ** down * 2 ** (e - down);
  }

  sqrt(): Real {
    if (this.m < 0n) throw new Undefined("square root of a negative number");
    if (this.m === 0n) return this;
    let room = 2 * PRECISION + 2 - bitLength(this.m);
    if ((this.e - room) % 2 !== 0) room += 1;
    return Real.of(wholeRoot(shift(this.m, room)), (this.e - room) / 2);
  }

  exp(): Real {
    if (this.magnitude >= 40) throw new Undefined("exponential of a number beyond 2^40");
    // x = k·ln 2 + r with |r| < ln 2, and eʳ = (e^(r/2^8))^(2^8), which makes the series short.
    const x = shift(this.m, this.e + WORKING);
    const k = x / LN2_FIXED;
    const r = (x - k * LN2_FIXED) >> 8n;
    let term = 1n << BigInt(WORKING);
    let total = term;
    for (let n = 1n; term !== 0n && term !== -1n; n++) {
      term = ((term * r) >> BigInt(WORKING)) / n;
      total += term;
    }
    for (let i = 0; i < 8; i++) total = (total * total) >> BigInt(WORKING);
    return Real.of(total, Number(k) - WORKING);
  }

  /** eˣ − 1 to the relative precision of x. */
  expm1(): Real {
    if (this.magnitude >= -1) return this.exp().sub(ONE);
    return series(this, (term, n) => term.mul(this).div(Real.from(n + 1)));
  }

  log(): Real {
    if (this.m <= 0n) throw new Undefined("logarithm of what is not positive");
    // x = 2^k·(1 + d) with d in [−1/4, 1/2), and k = 0 near 1.
    const leading = this.scale(-this.magnitude);
    const k = this.magnitude + (leading.compare(THREE_HALVES) >= 0 ? 1 : 0);
    return this.scale(-k)
      .sub(ONE)
      .log1p()
      .add(LN2.mul(Real.from(k)));
  }

  /** log(1 + x) to the relative precision of x. */
  log1p(): Real {
    if (this.magnitude >= -1) return this.add(ONE).log();
    // 2·artanh(z) = 2(z + z³/3 + z⁵/5 + …) with z = x/(2 + x).
    const z = this.div(TWO.add(this));
    const square = z.mul(z);
    let power = z;
    return series(z, (_, n) => (power = power.mul(square)).div(Real.from(2 * n + 1))).scale(1);
  }

  sin(): Real {
    return this.#turned(0);
  }

  cos(): Real {
    return this.#turned(1);
  }

  /** Five halvings of the angle, then Taylor's series. */
  atan(): Real {
    let t = this as Real;
    // atan x = 2·atan(x/(1 + √(1 + x²))).
    for (let i = 0; i < 5; i++) t = t.div(ONE.add(ONE.add(t.mul(t)).sqrt()));
    const square = t.mul(t).neg();
    let power = t;
    return series(t, (_, n) => (power = power.mul(square)).div(Real.from(2 * n + 1))).scale(5);
  }

  tanh(): Real {
    if (this.m < 0n) return this.neg().tanh().neg();
    if (this.magnitude > 10) return ONE;
    const t = this.scale(1).expm1();
    return t.div(t.add(TWO));
  }

  erf(): Real {
    if (this.m < 0n) return this.neg().erf().neg();
    // 1 − erf(16) < 2^-370.
    if (this.magnitude >= 4) return ONE;
    // 2/√π·e^(−x²)·Σ 2ⁿ x^(2n+1)/(1·3·…·(2n+1)): every term is positive, so nothing cancels.
    const square = this.mul(this);
    const sum = series(this, (term, n) =>
      term
        .mul(square)
        .scale(1)
        .div(Real.from(2 * n + 1)),
    );
    return sum.mul(square.neg().exp()).mul(TWO_OVER_ROOT_PI);
  }

  /** 1 − erf x; from 4 on by its continued fraction, since the difference loses x²/ln 2 bits. */
  erfc(): Real {
    if (this.magnitude < 2) return ONE.sub(this.erf());
    if (this.m < 0n) return TWO.sub(this.neg().erfc());
    // e^(−x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))); the terms that 160 bits need fall as 1/x².
    let fraction = this as Real;
    for (let n = Math.ceil(2 ** 14 / this.toNumber() ** 2) + 8; n > 0; n--)
      fraction = this.add(Real.from(n / 2).div(fraction));
    return this.mul(this).neg().exp().mul(TWO_OVER_ROOT_PI).scale(-1).div(fraction);
  }

  /** The power with a whole exponent; else by logarithm, for a positive base. */
  pow(b: Real): Real {
    if (b.m === 0n) return ONE;
    const whole = b.floor();
    if (whole.compare(b) === 0 && b.magnitude < 10) {
      if (b.m < 0n) return ONE.div(this.pow(b.neg()));
      const half = this.pow(Real.from(Math.floor(Number(b.toBigInt()) / 2)));
      const even = half.mul(half);
      return b.toBigInt() & 1n ? even.mul(this) : even;
    }
    if (this.m === 0n && b.m > 0n) return Real.ZERO;
    return this.log().mul(b).exp();
  }

  /** sin(x + quarters·π/2). */
  #turned(quarters: number): Real {
    if (this.magnitude >= 1024) throw new Undefined("an angle beyond every float64");
    if (this.magnitude < -1) return quarters === 0 ? sinSeries(this) : cosSeries(this);
    // Fraction bits enough that the multiple of π/2 taken off is exact to the last bit kept.
    const x = shift(this.m, this.e + PI_BITS);
    const turns = (2n * x + HALF_PI_FIXED) / (2n * HALF_PI_FIXED);
    const rest = Real.of(x - turns * HALF_PI_FIXED, -PI_BITS);
    const quadrant = Number((((turns + BigInt(quarters)) % 4n) + 4n) % 4n);
    const value = quadrant % 2 === 0 ? sinSeries(rest) : cosSeries(rest);
    return quadrant < 2 ? value : value.neg();
  }
}

/** first + next(first, 1) + next(…, 2) + …, until a term no longer counts. */
function series(first: Real, next: (term: Real, n: number) => Real): Real {
  let term = first;
  let total = first;
  for (let n = 1; term.magnitude > total.magnitude - PRECISION - 4; n++) {
    term = next(term, n);
    total = total.add(term);
  }
  return total;
}

function sinSeries(x: Real): Real {
  const square = x.mul(x).neg();
  return series(x, (term, n) => term.mul(square).div(Real.from(2 * n * (2 * n + 1))));
}

function cosSeries(x: Real): Real {
  const square = x.mul(x).neg();
  return series(ONE, (term, n) => term.mul(square).div(Real.from(2 * n * (2 * n - 1))));
}

function shift(m: bigint, by: number): bigint {
  return by >= 0 ? m << BigInt(by) : m >> BigInt(-by);
}

function bitLength(m: bigint): number {
  const digits = (m < 0n ? -m : m).toString(16);
  return digits === "0" ? 0 : 4 * digits.length - Math.clz32(Number.parseInt(digits[0]!, 16)) + 28;
}

function wholeRoot(n: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(bitLength(n) / 2));
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** arctan(1/k) with `bits` fraction bits. */
function arctanOfInverse(k: bigint, bits: number): bigint {
  let power = (1n << BigInt(bits)) / k;
  let total = power;
  for (let n = 3n; power !== 0n; n += 2n) {
    power /= -(k * k);
    total += power / n;
  }
  return total;
}

const ONE = Real.of(1n, 0);
const TWO = Real.of(2n, 0);
const THREE_HALVES = Real.of(3n, -1);

// 1024 for the largest float64, the bits kept, and room for an angle that lies close to a multiple of π/2.
const PI_BITS = 1024 + PRECISION + 150;
/** π/2 by Machin's formula. */
const HALF_PI_FIXED = 8n * arctanOfInverse(5n, PI_BITS) - 2n * arctanOfInverse(239n, PI_BITS);
const TWO_OVER_ROOT_PI = TWO.div(Real.of(HALF_PI_FIXED, 1 - PI_BITS).sqrt());

/** ln 2 = 2·artanh(1/3). */
const LN2_FIXED = (() => {
  let power = (2n << BigInt(WORKING)) / 3n;
  let total = power;
  for (let n = 3n; power !== 0n; n += 2n) {
    power /= 9n;
    total += power / n;
  }
  return total;
})();
const LN2 = Real.of(LN2_FIXED, -WORKING);
