// display: tensors as text with the digits that one asks for.

import { compile, display, type Tensor, tensor, variable } from "@adjoint/autograd";
import { expect, test } from "vitest";

const thirds = tensor([1 / 3, -200 / 3, 1e-7 / 3], { dtype: "float64" });

test("shows as many significant digits as asked for", () => {
  expect(display(thirds, { digits: 2 })).toBe("Tensor float64 [3] [  0.33,    -67, 3.3e-8]");
  expect(display(thirds, { digits: 9 })).toBe(
    "Tensor float64 [3] [  0.333333333,   -66.6666667, 3.33333333e-8]",
  );
  expect(display(tensor(1234567.25, { dtype: "float64" }), { digits: 17 })).toBe(
    "Tensor float64 [] 1234567.25",
  );
  expect(display(tensor(123456.75), { digits: 2 })).toBe("Tensor float32 [] 123457");
});

test("without digits shows every number so that it reads back as itself", () => {
  expect(display(tensor(0.1))).toBe("Tensor float32 [] 0.10000000149011612");
  expect(display(tensor(0.1, { dtype: "float64" }))).toBe("Tensor float64 [] 0.1");
  expect(display(tensor(1e-9, { dtype: "float64" }))).toBe("Tensor float64 [] 1.0000000000000001e-9");
});

test("shows whole numbers, truth values and variables as consoles do", () => {
  expect(display(tensor([[16777215], [-1]]), { digits: 3 })).toBe(
    "Tensor float32 [2, 1]\n[[16777215],\n [      -1]]",
  );
  expect(display(tensor([true, false]), { digits: 3 })).toBe("Tensor bool [2] [ true, false]");
  expect(display(variable(thirds, { name: "w" }), { digits: 1 })).toBe(
    'Variable "w" float64 [3] [ 0.3,  -67, 3e-8]',
  );
});

test("refuses digits that there are not, and what is no tensor", () => {
  for (const digits of [0, 18, 2.5, NaN]) {
    expect(() => display(thirds, { digits })).toThrow(
      new RangeError(
        `display: digits is ${digits}; it must be a whole number from 1 to 17, which tell all float64 numbers apart`,
      ),
    );
  }
  expect(() => display(thirds, { precision: 3 } as never)).toThrow('display: there is no option "precision"');
  expect(() => display([1, 2] as never)).toThrow("display: got an array where the tensor belongs");
});

test("says in a function being compiled that there are no numbers yet", () => {
  let text = "";
  compile((x: Tensor) => {
    text = display(x);
    return x.neg();
  })(tensor([1, 2]));
  expect(text).toBe("Tensor float32 [2] (numbers not known while compiling)");
});
