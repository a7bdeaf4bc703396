// Equations as MathML: presentation elements, made of strings that are escaped here. Knows no network.

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

export const row = (...parts: readonly string[]): string => `<mrow>${parts.join("")}</mrow>`;
export const operator = (sign: string): string => `<mo>${escaped(sign)}</mo>`;
/** A name, slanted where it is one letter. */
export const name = (text: string): string => `<mi>${escaped(text)}</mi>`;
/** A matrix or a vector, upright and bold. */
export const bold = (text: string): string => `<mi mathvariant="bold">${escaped(text)}</mi>`;

/** A number as it is written: to 3 digits after the point (3 in all where it is small), or to full precision. */
export function numeral(value: number, exact: boolean): string {
  const size = Math.abs(value);
  const [digits, exponent] = (exact ? `${size}` : rounded(size)).split("e");
  const number = `<mn>${digits}</mn>`;
  const scaled =
    exponent === undefined
      ? number
      : row(
          number,
          operator("·"),
          `<msup><mn>10</mn>${signed(`<mn>${exponent.replace(/^[+-]/, "")}</mn>`, exponent.startsWith("-"))}</msup>`,
        );
  return signed(scaled, value < 0);
}

const signed = (number: string, isNegative: boolean): string =>
  isNegative ? row(operator("−"), number) : number;

function rounded(size: number): string {
  // What has three digits or fewer, but for a rounding of float64, is written so: 0.4.
  const short = Number(size.toFixed(3));
  if (Math.abs(short - size) <= 1e-15 * size) return `${short}`;
  return size >= 0.01 ? size.toFixed(3) : size.toPrecision(3);
}

export const bracketed = (...parts: readonly string[]): string => row(operator("("), ...parts, operator(")"));

/** A table of cells in round brackets. */
export function matrix(rows: readonly (readonly string[])[]): string {
  const cells = rows
    .map((each) => `<mtr>${each.map((cell) => `<mtd>${cell}</mtd>`).join("")}</mtr>`)
    .join("");
  return bracketed(`<mtable>${cells}</mtable>`);
}

export const matrixOf = (rows: readonly (readonly number[])[], exact: boolean): string =>
  matrix(rows.map((each) => each.map((value) => numeral(value, exact))));

/** A vector as a column. */
export const column = (values: readonly number[], exact: boolean): string =>
  matrixOf(
    values.map((value) => [value]),
    exact,
  );

/** A base with a layer above it, in brackets, and "T" after that where it is transposed: W⁽⁰⁾ᵀ. */
export const ofLayer = (base: string, layer: number, isTransposed = false): string =>
  `<msup>${base}${row(operator("("), `<mn>${layer}</mn>`, operator(")"), ...(isTransposed ? [name("T")] : []))}</msup>`;

/** The same without its bias neuron: x⁽¹⁾[1+]. */
export const withoutBias = (base: string, layer: number, isTransposed = false): string =>
  `<msubsup>${base}${row(operator("["), "<mn>1</mn>", operator("+"), operator("]"))}${row(operator("("), `<mn>${layer}</mn>`, operator(")"), ...(isTransposed ? [name("T")] : []))}</msubsup>`;

/** Lines under one another. */
export const lines = (...each: readonly string[]): string =>
  each.length === 1
    ? each[0]!
    : `<mtable>${each.map((line) => `<mtr><mtd columnalign="left">${line}</mtd></mtr>`).join("")}</mtable>`;

/** A whole equation. */
export const math = (...parts: readonly string[]): string =>
  `<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">${row(...parts)}</math>`;
