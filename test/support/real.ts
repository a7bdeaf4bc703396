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
    const excess = bitLength(m) - PRECISION;
    if (m === 0n) return zero;
    return excess > 0 ? new Real(shift(m, -excess), e + excess) : new Real(m, e);
  }

  /** Exactly the float64 x. */
  static from(x: number): Real {
    if (!Number.isFinite(x)) throw new Undefined(`${x} is not a real number`);
    if (x === 0) return zero;
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
    return this.e >= 0 ? this : Real.of(this.e < -4 * PRECISION ? (this.m < 0n ? -1n : 0n) : this.m >> BigInt(-this.e), 0);
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
    if (magnitude < -1076) return this.sign * 0;
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
    if (this.magnitude >= 24) throw new Undefined("exponential of a number beyond 2^24");
    // x = k·ln 2 + r.
    const k = this.div(LN2).add(HALF).floor();
    const r = fixed(this).valueOf() - k.toBigInt() * fixedLn2();
    // eʳ = (e^(r/2^12))^(2^12) with a short series.
    return Real.of(expFixed(r), -WORKING).scale(Number(k.toBigInt()));
  }

  expm1(): Real {
    if (this.magnitude >= -1) return this.exp().sub(ONE);
    // e^x − 1 = x + x²/2 + …, all to the relative precision of x.
    let term: Real = this;
    let total: Real = this;
    for (let n = 2; term.magnitude > this.magnitude - PRECISION - 8; n++) {
      term = term.mul(this).div(Real.from(n));
      if (term.m === 0n) break;
      total = total.add(term);
    }
    return total;
  }

  log(): Real {
    if (this.m <= 0n) throw new Undefined("logarithm of what is not positive");
    const k = this.magnitude;
    const x = this.scale(-k);
    const distance = x.sub(ONE);
    if (k === 0 || k === -1) {
      const near = this.sub(ONE);
      if (near.magnitude < -1) return near.log1p();
    }
    const rest = distance.magnitude < -1 ? distance.log1p() : newton(Real.from(Math.log(x.toNumber())), (y) => y.exp(), x);
    return rest.add(LN2.mul(Real.from(k)));
  }

  log1p(): Real {
    if (this.magnitude >= -1) return this.add(ONE).log();
    if (this.m === 0n) return this;
    // log(1 + x) = 2·artanh(x/(2 + x)) = 2(z + z³/3 + z⁵/5 + …), to the relative precision of x.
    const z = this.div(TWO.add(this));
    const square = z.mul(z);
    let power = z;
    let total = z;
    for (let n = 3; ; n += 2) {
      power = power.mul(square);
      const term = power.div(Real.from(n));
      if (term.m === 0n || term.magnitude < z.magnitude - PRECISION - 8) break;
      total = total.add(term);
    }
    return total.scale(1);
  }

  sin(): Real {
    return this.#turned(0);
  }

  cos(): Real {
    return this.#turned(1);
  }

  tanh(): Real {
    if (this.m < 0n) return this.neg().tanh().neg();
    if (this.magnitude > 10) return ONE;
    const t = this.scale(1).expm1();
    return t.div(t.add(TWO));
  }

  erf(): Real {
    if (this.m < 0n) return this.neg().erf().neg();
    // erfc(16) < 2^-370.
    if (this.magnitude >= 4) return ONE;
    if (this.m === 0n) return this;
    // 2/√π·e^(−x²)·Σ 2ⁿ x^(2n+1)/(1·3·…·(2n+1)): every term positive, so nothing cancels.
    const double = this.mul(this).scale(1);
    let term: Real = this;
    let total: Real = this;
    for (let n = 1; ; n++) {
      term = term.mul(double).div(Real.from(2 * n + 1));
      if (term.m === 0n || term.magnitude < total.magnitude - PRECISION - 8) break;
      total = total.add(term);
    }
    return total.mul(this.mul(this).neg().exp()).mul(TWO_OVER_ROOT_PI);
  }

  /** The power with a whole exponent; else by logarithm, for a positive base. */
  pow(b: Real): Real {
    if (b.m === 0n) return ONE;
    const whole = b.floor();
    if (whole.compare(b) === 0 && b.magnitude < 10) {
      if (b.m < 0n) return ONE.div(this.pow(b.neg()));
      let result = ONE;
      let square: Real = this;
      for (let n = b.toBigInt(); n > 0n; n >>= 1n) {
        if (n & 1n) result = result.mul(square);
        square = square.mul(square);
      }
      return result;
    }
    if (this.m === 0n && b.m > 0n) return zero;
    return this.log().mul(b).exp();
  }

  /** sin(x + quarter turns). */
  #turned(quarters: number): Real {
    if (this.magnitude > 1024) throw new Undefined("an angle beyond every float64");
    if (this.magnitude < -1) return quarters === 0 ? sinSeries(this) : cosSeries(this);
    // x to as many fraction bits as the size of x costs in the multiple of π/2 that is taken off.
    const bits = PI_BITS;
    const half = halfPi();
    const x = shift(this.m, this.e + bits);
    const turns = (2n * x + half) / (2n * half) - (2n * x + half < 0n ? 1n : 0n);
    const rest = Real.of(x - turns * half, -bits);
    const quadrant = Number((((turns + BigInt(quarters)) % 4n) + 4n) % 4n);
    const value = quadrant % 2 === 0 ? sinSeries(rest) : cosSeries(rest);
    return quadrant < 2 ? value : value.neg();
  }
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
