// Arrays whose numbers nobody may ask for: what a function is run on where its steps matter and not its numbers.

import type { Description } from "../array/description.ts";
import { NDArray, type Pending } from "../array/ndarray.ts";
import { summary } from "../array/print.ts";

/** Numbers that are not known while a function runs. */
export class Unknown implements Pending {
  /** What is printed in their place. */
  readonly text: string;
  /** The error where somebody asks for them, of which the array is described by its argument. */
  readonly #refusal: (what: string) => Error;
  #array: NDArray | undefined;

  constructor(text: string, refusal: (what: string) => Error) {
    this.text = text;
    this.#refusal = refusal;
  }

  /** An array of such numbers. */
  static array({ dtype, shape }: Description, text: string, refusal: (what: string) => Error): NDArray {
    const numbers = new Unknown(text, refusal);
    return (numbers.#array = new NDArray(dtype, shape, numbers));
  }

  read(): never {
    throw this.#refusal(summary(this.#array!));
  }
}
