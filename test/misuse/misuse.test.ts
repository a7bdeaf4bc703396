// What a researcher gets for a mistake: for each misuse the class of its error, and what the message says. A message opens
// with the operation and names the shapes or values, the rule that was broken and the way out.

import * as autograd from "@adjoint/autograd";
import { DTypeError, ShapeError } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";

// biome-ignore lint/suspicious/noExplicitAny: types forbid most of these misuses; here they meet the checks of a running program.
type Untyped = any;

interface Misuse {
  /** A sentence: the misuse, and what its error says. */
  readonly what: string;
  readonly do: () => unknown;
  readonly error: new (message: string) => Error;
  /** In the message: the operation, the shapes or values, the rule, the way out. */
  readonly says: readonly string[];
}

const { arange, bernoulli, broadcastTogether, concat, convolution, einsum, eye, full, linspace }: Untyped =
  autograd;
const { activation, definePrimitive, grad, hessian, hvp, jacobian, jvp, tapeOf, valueAndGrad, vjp }: Untyped =
  autograd;
const { maxPool, normal, oneHot, permutation, randomKey, splitKey, stack, stopGradient, tensor }: Untyped =
  autograd;
const { uniform, variable, where, zeros }: Untyped = autograd;
const { diag, fullLike, meshgrid, searchSorted, segmentSum }: Untyped = autograd;
const { adam, backpropagation, crossEntropy, dense, keys, leakyReluOf, meanSquaredError, mlp }: Untyped = nn;
const { optimizer, sequential, sgd, variables }: Untyped = nn;

const matrix = zeros([2, 3]);
const vector = tensor([1, 2]);
const doubles = tensor([1, 2], { dtype: "float64" });
const whole = tensor([1, 2], { dtype: "int32" });
const truths = tensor([true, false]);
const key = randomKey(1);
const index = (...values: number[]) => tensor(values, { dtype: "int32" });
const sumOfSquares = (x: Untyped) => x.square().sum();
const descent = () => sgd({ learningRate: 0.1 });

/** A primitive that doubles, save for what is stated otherwise. */
const doubling = (statement: object) =>
  definePrimitive({
    name: "twice",
    shape: ([shape]: Untyped) => shape,
    value: ([{ data }]: Untyped, out: Untyped) => {
      for (let i = 0; i < data.length; i++) out[i] = 2 * data[i];
    },
    pullback: (_: unknown, dy: Untyped) => [dy.mul(2)],
    ...statement,
  });
const gradientOf = (statement: object) => grad((x: Untyped) => doubling(statement)(x).sum())(vector);

const needsFloat = 'needs float32 or float64: x.cast("float32")';
const inBrackets = "write the sizes in brackets, e.g. [2, 3]";
const byName = "where options belong; write them by name";
const wrapIt = "wrap numbers: tensor(…)";
const noShape = "is no shape; every size must be a whole number, 0 or more";
const likeSwish = "return an expression of its operands, e.g. (x) => x.mul(x.logistic())";
const aTree = "must be a tensor, or arrays, objects and Maps of tensors";
const offTheTape = "without item(), data or async, which leave the tape";
const useMethods = "use its methods, e.g. a.add(b), or item() for the number";
const likeModel = "give them by path or in an array, e.g. step(variables(model))";

const misuses: Readonly<Record<string, readonly Misuse[]>> = {
  "replacing parts and adding up by ids": [
    {
      what: "a mask among parts is told how to keep the shape",
      do: () => matrix.at(0, truths).set(1),
      error: TypeError,
      says: ["at: a mask [2] among the parts", "would depend on its numbers", "x.at(mask).set(v)"],
    },
    {
      what: "a slice by a mask is told how to keep the shape",
      do: () => vector.slice(truths),
      error: TypeError,
      says: ["slice: a mask [2] among the parts", "would depend on its numbers", "where(mask, x, 0)"],
    },
    {
      what: "a part by indices is pointed to gather and scatterAdd",
      do: () => matrix.at(index(0, 1)).set(1),
      error: TypeError,
      says: ["at: got a tensor where a part belongs", "x.gather(indices)", "scatterAdd"],
    },
    {
      what: "a part that is not there names the axis",
      do: () => matrix.at(2).add(1),
      error: RangeError,
      says: ["at: index 2 at axis 0 of [2, 3]", "use -2 to 1"],
    },
    {
      what: "a value that does not fit a part names both shapes",
      do: () => matrix.at(null, 0).set(zeros([3])),
      error: ShapeError,
      says: ["at: [3] and [2] don't broadcast", "neither is 1"],
    },
    {
      what: "a value of another type names both",
      do: () => vector.at(0).add(doubles.slice(0)),
      error: DTypeError,
      says: ["at: float32 and float64 don't mix", "cast one"],
    },
    {
      what: "half a unit in a whole tensor is told to cast it",
      do: () => whole.at(0).set(0.5),
      error: DTypeError,
      says: ["at: 0.5 is not whole", "cast the tensor first"],
    },
    {
      what: "an array in place of a value is told to be wrapped",
      do: () => vector.at(0).set([1]),
      error: TypeError,
      says: ["at: got an array where a tensor or a number belongs", "wrap arrays: tensor(…)"],
    },
    {
      what: "a matrix for a diagonal is pointed to diagonal",
      do: () => diag(matrix),
      error: ShapeError,
      says: ["diag: [2, 3] is no vector", "use x.diagonal()"],
    },
    {
      what: "a grid of matrices is told to give vectors",
      do: () => meshgrid(matrix, vector),
      error: ShapeError,
      says: ["meshgrid: [2, 3] is no vector", "x.flatten()"],
    },
    {
      what: "a grid in another order is told the two there are",
      do: () => meshgrid(vector, { indexing: "yx" }),
      error: RangeError,
      says: ['meshgrid: indexing is "yx"', 'use "xy" or "ij"'],
    },
    {
      what: "ids that don't fit the rows name both shapes",
      do: () => segmentSum(matrix, index(0, 1, 1), 2),
      error: ShapeError,
      says: ["segmentSum: values [2, 3] with ids [3]", "one id for each row"],
    },
    {
      what: "ids that are no whole numbers are told to be cast",
      do: () => segmentSum(matrix, vector, 2),
      error: DTypeError,
      says: ["segmentSum: ids are float32 and must be int32", 'ids.cast("int32")'],
    },
    {
      what: "an id beyond the segments names it and their number",
      do: () => segmentSum(matrix, index(0, 2), 2),
      error: RangeError,
      says: ["segmentSum: id 2 with n = 2", "ids run from 0 to 1"],
    },
    {
      what: "sums of truth values by ids are told to cast them",
      do: () => segmentSum(truths, index(0, 1), 2),
      error: DTypeError,
      says: ["segmentSum: bool is not a number", "cast it"],
    },
    {
      what: "places in a matrix are told to sort a vector",
      do: () => searchSorted(matrix, vector),
      error: ShapeError,
      says: ["searchSorted: [2, 3] is no vector", "x.flatten().sort()"],
    },
    {
      what: "places of another type name both",
      do: () => searchSorted(vector, doubles),
      error: DTypeError,
      says: ["searchSorted: float32 and float64 don't mix", 'values.cast("float32")'],
    },
    {
      what: "places on another side are told the two there are",
      do: () => searchSorted(vector, vector, { side: "middle" }),
      error: RangeError,
      says: ['searchSorted: side is "middle"', 'use "left" or "right"'],
    },
    {
      what: "a constant of a fraction in whole numbers is refused",
      do: () => fullLike(whole, 0.5),
      error: DTypeError,
      says: ["fullLike: 0.5 is no int32", "use whole numbers"],
    },
  ],
  "making tensors": [
    {
      what: "rows of different lengths are told apart by their lengths and the axis",
      do: () => tensor([[1, 2], [3]]),
      error: ShapeError,
      says: ["tensor: rows of length 2 and 1 at axis 1", "equally long", "pad the shorter ones"],
    },
    {
      what: "a number among rows is told to nest equally deep",
      do: () => tensor([[1, 2], 3]),
      error: ShapeError,
      says: ["tensor: a single value where axis 1 has rows of length 2", "nest all elements equally deep"],
    },
    {
      what: "a row among numbers is told to nest equally deep",
      do: () => tensor([1, [2]]),
      error: ShapeError,
      says: ["tensor: a row of length 1 at axis 1", "nest all elements equally deep"],
    },
    {
      what: "null is no element",
      do: () => tensor(null),
      error: DTypeError,
      says: ["tensor: null is no element", "use numbers or booleans"],
    },
    {
      what: "a hole in an array is no element",
      do: () => tensor([1, undefined]),
      error: DTypeError,
      says: ["tensor: undefined is no element", "use numbers or booleans"],
    },
    {
      what: "strings are no elements, even with digits in them",
      do: () => tensor(["1", "2"]),
      error: DTypeError,
      says: ["tensor: a string is no element", "use numbers or booleans"],
    },
    {
      what: "a list of tensors is pointed to stack",
      do: () => tensor([vector, vector]),
      error: DTypeError,
      says: ["tensor: a Tensor is no element", "stack(…) to join tensors"],
    },
    {
      what: "a BigInt64Array is told which typed arrays there are",
      do: () => tensor(new BigInt64Array(2)),
      error: DTypeError,
      says: ["tensor: BigInt64Array holds no element type", "use Float32Array", "or Array.from(…)"],
    },
    {
      what: "a Float16Array is told which typed arrays there are",
      do: () => tensor(new (class Float16Array extends Uint16Array {})(2)),
      error: DTypeError,
      says: ["tensor: Float16Array holds no element type", "use Float32Array", "or Array.from(…)"],
    },
    {
      what: "pixels in a Uint8Array don't become truth values in silence",
      do: () => tensor(new Uint8Array([0, 255])),
      error: DTypeError,
      says: ["tensor: a Uint8Array is read as truth values", "255", 'e.g. { dtype: "float32" }'],
    },
    {
      what: "elements that don't fill the shape are counted",
      do: () => tensor([1, 2, 3], { shape: [2, 2] }),
      error: ShapeError,
      says: ["tensor: 3 elements", "[2, 2], which has 4", "change the shape or the elements"],
    },
    {
      what: "a fraction is no int32",
      do: () => tensor([0.5], { dtype: "int32" }),
      error: DTypeError,
      says: ["tensor: 0.5 is no int32", "use whole numbers", "or a float type"],
    },
    {
      what: "a type that doesn't exist is told those that do",
      do: () => full([2], 1, { dtype: "half" }),
      error: DTypeError,
      says: ['full: "half" is not an element type', 'use "float32", "float64", "int32" or "bool"'],
    },
    {
      what: "an option that doesn't exist is told those that do",
      do: () => tensor([1], { type: "int32" }),
      error: TypeError,
      says: ['tensor: there is no option "type"', "the options are dtype, shape"],
    },
    {
      what: "a type given without its name is told to name it",
      do: () => zeros([2], "int32"),
      error: TypeError,
      says: ["zeros: got a string", byName, "{ dtype: … }"],
    },
    {
      what: "sizes without brackets are told to be put in brackets",
      do: () => zeros(2, 3),
      error: TypeError,
      says: ["zeros: got a number where a shape belongs", inBrackets],
    },
    {
      what: "a negative size is no size",
      do: () => zeros([-1]),
      error: ShapeError,
      says: ["zeros: [-1]", noShape],
    },
    {
      what: "half a row is no size",
      do: () => zeros([1.5, 2]),
      error: ShapeError,
      says: ["zeros: [1.5, 2]", noShape],
    },
    {
      what: "a string doesn't fill a tensor",
      do: () => full([2], "1"),
      error: DTypeError,
      says: ["full: a string is no element", "give a number"],
    },
    {
      what: "a unit matrix has no −1 rows",
      do: () => eye(-1),
      error: RangeError,
      says: ["eye: rows is -1", "give a whole number, 0 or more"],
    },
    {
      what: "a step of 0 never arrives",
      do: () => arange(0, 1, 0),
      error: RangeError,
      says: ["arange: from 0 to 1 by 0 never arrives", "the step not 0"],
    },
    {
      what: "options in the place of a number show the order of arguments",
      do: () => arange(3, { dtype: "int32" }),
      error: TypeError,
      says: ["arange: got an object where a number belongs", 'arange(0, 3, 1, { dtype: "int32" })'],
    },
    {
      what: "two and a half numbers can't be spaced evenly",
      do: () => linspace(0, 1, 2.5),
      error: RangeError,
      says: ["linspace: n is 2.5", "give a whole number, 0 or more"],
    },
    {
      what: "infinity can't be reached in even steps",
      do: () => linspace(0, Infinity, 3),
      error: RangeError,
      says: ["linspace: from 0 to Infinity", "both must be finite numbers"],
    },
    {
      what: "a one-hot index beyond the classes is told their range",
      do: () => oneHot(index(3), 3),
      error: RangeError,
      says: ["oneHot: index 3 with 3 classes", "indices run from 0 to 2"],
    },
    {
      what: "one-hot indices must be whole by type",
      do: () => oneHot(vector, 3),
      error: DTypeError,
      says: ["oneHot: indices are float32", "must be int32", 'indices.cast("int32")'],
    },
    {
      what: "one-hot indices must be a tensor",
      do: () => oneHot([0, 1], 2),
      error: TypeError,
      says: ["oneHot: got an array where a tensor belongs", wrapIt],
    },
  ],

  "arithmetic, element by element": [
    {
      what: "adding [2, 3] and [4] says that they don't broadcast, and at which axis",
      do: () => matrix.add(zeros([4])),
      error: ShapeError,
      says: ["add: [2, 3] and [4] don't broadcast", "3 and 4 at axis −1", "reshape or expandDims"],
    },
    {
      what: "adding float32 and float64 says to cast one",
      do: () => vector.add(doubles),
      error: DTypeError,
      says: ["add: float32 and float64 don't mix", 'cast one, e.g. b.cast("float32")'],
    },
    {
      what: "adding 0.5 to int32 says to cast the tensor",
      do: () => whole.add(0.5),
      error: DTypeError,
      says: ["add: 0.5 is not whole and the tensor is int32", 'x.cast("float32")'],
    },
    {
      what: "adding three billion to int32 doesn't wrap around in silence",
      do: () => whole.add(3e9),
      error: DTypeError,
      says: ["add: 3000000000 is no int32", "from −2³¹ to 2³¹ − 1"],
    },
    {
      what: "whole numbers have no exp",
      do: () => whole.exp(),
      error: DTypeError,
      says: ["exp: int32 has no exp", needsFloat],
    },
    {
      what: "truth values are no numbers to add",
      do: () => truths.add(truths),
      error: DTypeError,
      says: ["add: bool is not a number", 'x.cast("int32")'],
    },
    {
      what: "adding a string doesn't concatenate",
      do: () => vector.add("3"),
      error: TypeError,
      says: ["add: got a string where a tensor or a number belongs", "tensor(…)"],
    },
    {
      what: "adding an array says to wrap it",
      do: () => vector.add([1, 2]),
      error: TypeError,
      says: ["add: got an array where a tensor or a number belongs", "wrap arrays: tensor(…)"],
    },
    {
      what: "adding undefined says so",
      do: () => vector.add(undefined),
      error: TypeError,
      says: ["add: got undefined where a tensor or a number belongs", "tensor(…)"],
    },
    {
      what: "adding nothing shows the call",
      do: () => vector.add(),
      error: TypeError,
      says: ["add: takes 1 operand beside the tensor, got 0", "write x.add(y)"],
    },
    {
      what: "adding two things at once shows the call",
      do: () => vector.add(1, 2),
      error: TypeError,
      says: ["add: takes 1 operand beside the tensor, got 2", "write x.add(y)"],
    },
    {
      what: "clipping by options shows the call",
      do: () => vector.clip({ min: 0 }),
      error: TypeError,
      says: ["clip: takes 2 operands beside the tensor, got 1", "write x.clip(y, z)"],
    },
    {
      what: "JavaScript's + says to use methods",
      do: () => vector + 1,
      error: TypeError,
      says: ["tensor: float32 [2] can't be used with JavaScript's operators", useMethods],
    },
    {
      what: "JavaScript's < says to use methods",
      do: () => vector < 1,
      error: TypeError,
      says: ["tensor: float32 [2] can't be used with JavaScript's operators", useMethods],
    },
    {
      what: "a variable's name that is no text is told so",
      do: () => variable([1], { name: 3 as never }),
      error: TypeError,
      says: ["variable: its name is a number and must be a text", '{ name: "weight" }'],
    },
    {
      what: "JavaScript's * on a variable says to use methods",
      do: () => variable(1) * 2,
      error: TypeError,
      says: ["tensor: float32 [] can't be used with JavaScript's operators", useMethods],
    },
    {
      what: "a float condition is told to compare",
      do: () => where(vector, 1, 0),
      error: DTypeError,
      says: ["where: the condition is float32 and must be bool", "x.greater(0)", 'x.cast("bool")'],
    },
    {
      what: "an array as condition is told to be a tensor",
      do: () => where([true], 1, 0),
      error: TypeError,
      says: ["where: got an array where the condition belongs", "x.greater(0)"],
    },
    {
      what: "a choice between shapes that don't broadcast names both",
      do: () => where(truths, matrix, 0),
      error: ShapeError,
      says: ["where: [2] and [2, 3] don't broadcast", "2 and 3 at axis −1", "reshape or expandDims"],
    },
    {
      what: "a choice between float types says to cast one",
      do: () => where(truths, vector, doubles),
      error: DTypeError,
      says: ["where: float32 and float64 don't mix", 'cast one, e.g. b.cast("float32")'],
    },
    {
      what: "broadcasting together names both shapes",
      do: () => broadcastTogether(vector, zeros([4])),
      error: ShapeError,
      says: ["broadcastTogether: [2] and [4] don't broadcast", "reshape or expandDims"],
    },
  ],

  "reading and casting": [
    {
      what: "item of six elements says to reduce or to use toArray",
      do: () => matrix.item(),
      error: ShapeError,
      says: ["item: [2, 3] has 6 elements", "reads a single one", "x.sum().item()", "toArray()"],
    },
    {
      what: "a cast to a type of another library is told those there are",
      do: () => vector.cast("double"),
      error: DTypeError,
      says: ['cast: "double" is not an element type', 'use "float32"'],
    },
  ],

  "reductions and axes": [
    {
      what: "an axis beyond the last is told the range",
      do: () => matrix.sum({ axis: 5 }),
      error: ShapeError,
      says: ["sum: axis 5 of a tensor of rank 2", "use -2 to 1"],
    },
    {
      what: "a negative axis before the first is told the range",
      do: () => matrix.mean({ axis: -3 }),
      error: ShapeError,
      says: ["mean: axis -3 of a tensor of rank 2", "use -2 to 1"],
    },
    {
      what: "an axis named twice is told to be named once",
      do: () => matrix.sum({ axis: [0, 0] }),
      error: ShapeError,
      says: ["sum: axes [0, 0]", "rank 2 twice", "name each once"],
    },
    {
      what: "an axis of a single number is told to be left out",
      do: () => tensor(1).sum({ axis: 0 }),
      error: ShapeError,
      says: ["sum: axis 0 of a tensor of rank 0", "leave the axis out"],
    },
    {
      what: "an axis without its name is not ignored",
      do: () => matrix.sum(1),
      error: TypeError,
      says: ["sum: got a number", byName, "{ axis: … }"],
    },
    {
      what: "the axis under another library's name is not ignored",
      do: () => matrix.max({ dim: 1 }),
      error: TypeError,
      says: ['max: there is no option "dim"', "the options are axis, keepDims"],
    },
    {
      what: "the mean of whole numbers says to cast",
      do: () => whole.mean(),
      error: DTypeError,
      says: ["mean: int32 has no mean", needsFloat],
    },
    {
      what: "the sum of truth values says to cast",
      do: () => truths.sum(),
      error: DTypeError,
      says: ["sum: bool is not a number", 'x.cast("int32")'],
    },
    {
      what: "softmax of whole numbers says to cast",
      do: () => whole.softmax(),
      error: DTypeError,
      says: ["softmax: int32 has no softmax", needsFloat],
    },
    {
      what: "softmax along an axis that isn't there is told the range",
      do: () => matrix.softmax({ axis: 2 }),
      error: ShapeError,
      says: ["softmax: axis 2 of a tensor of rank 2", "use -2 to 1"],
    },
    {
      what: "nothing has no largest element",
      do: () => zeros([0]).max(),
      error: ShapeError,
      says: ["max: [0] over axes [0]", "nothing has no max", "size 0 can't be reduced"],
    },
    {
      what: "the three largest of two are told the range of k",
      do: () => vector.topK(3),
      error: RangeError,
      says: ["topK: k = 3 of an axis of 2", "from 0 to 2"],
    },
    {
      what: "a comparison function is no option of sort",
      do: () => vector.sort((a: number, b: number) => a - b),
      error: TypeError,
      says: ["sort: got a function", byName],
    },
  ],

  "shapes and parts": [
    {
      what: "a reshape that changes the size counts the elements of both",
      do: () => matrix.reshape([4, 2]),
      error: ShapeError,
      says: [
        "reshape: [2, 3] has 6 elements and [4, 2] 8",
        "must be equal",
        "−1 stands for the size that fits",
      ],
    },
    {
      what: "two open sizes are one too many",
      do: () => matrix.reshape([-1, -1]),
      error: ShapeError,
      says: ["reshape: [-1, -1]", "more than one size open", "give all but one"],
    },
    {
      what: "an open size that can't fit doesn't become a fraction",
      do: () => matrix.reshape([-1, 4]),
      error: ShapeError,
      says: ["reshape: no size in place of −1", "[-1, 4]", "6 elements of [2, 3]", "product divides 6"],
    },
    {
      what: "sizes without brackets don't reshape",
      do: () => matrix.reshape(3, 2),
      error: TypeError,
      says: ["reshape: got a number where a shape belongs", inBrackets],
    },
    {
      what: "broadcasting to a shape that doesn't fit names both",
      do: () => matrix.broadcastTo([3, 3]),
      error: ShapeError,
      says: ["broadcastTo: [2, 3] and [3, 3] don't broadcast", "2 and 3 at axis −2"],
    },
    {
      what: "broadcasting to fewer axes names the rule",
      do: () => matrix.broadcastTo([3]),
      error: ShapeError,
      says: ["broadcastTo: [2, 3] does not broadcast to [3]", "only axes of size 1 repeat"],
    },
    {
      what: "an order that repeats an axis is no order",
      do: () => matrix.permute([0, 0]),
      error: ShapeError,
      says: ["permute: [0, 0] is no order of the 2 axes of [2, 3]", "name each axis once"],
    },
    {
      what: "an order without brackets is told to be put in brackets",
      do: () => matrix.permute(1, 0),
      error: TypeError,
      says: ["permute: got a number where the order belongs", "in brackets, e.g. [1, 0]"],
    },
    {
      what: "axes given to transpose are not ignored",
      do: () => matrix.transpose(1, 0),
      error: TypeError,
      says: ["transpose: takes no axes", "reverses all of [2, 3]", "use permute([…])"],
    },
    {
      what: "a vector has no two last axes",
      do: () => vector.swapLastAxes(),
      error: ShapeError,
      says: ["swapLastAxes: [2] has no two axes", "expandDims first"],
    },
    {
      what: "an axis of size 2 can't be squeezed away",
      do: () => matrix.squeeze({ axis: 0 }),
      error: ShapeError,
      says: ["squeeze: axis 0 of [2, 3] has size 2", "only axes of size 1 can go"],
    },
    {
      what: "a new axis beyond the next is told the range",
      do: () => matrix.expandDims(4),
      error: ShapeError,
      says: ["expandDims: axis 4 of a tensor of rank 3", "use -3 to 2"],
    },
    {
      what: "a slice with a step of 0 is told to step forward",
      do: () => vector.slice([0, 2, 0]),
      error: RangeError,
      says: ["slice: step 0 at axis 0", "1 or more", "flip() first to run backwards"],
    },
    {
      what: "a slice with a step of −1 is told to flip",
      do: () => vector.slice([0, 2, -1]),
      error: RangeError,
      says: ["slice: step -1 at axis 0", "flip() first to run backwards"],
    },
    {
      what: "a slice at an index outside is told the range",
      do: () => vector.slice(2),
      error: RangeError,
      says: ["slice: index 2 at axis 0 of [2]", "use -2 to 1"],
    },
    {
      what: "a slice at NaN is told the range",
      do: () => vector.slice(NaN),
      error: RangeError,
      says: ["slice: index NaN at axis 0 of [2]", "use -2 to 1"],
    },
    {
      what: "a slice from a fraction is not rounded in silence",
      do: () => vector.slice([0.5, 2]),
      error: RangeError,
      says: ["slice: from 0.5 to 2 at axis 0 of [2]", "whole numbers, or null"],
    },
    {
      what: "a slice in Python's notation shows this one's",
      do: () => vector.slice("0:1"),
      error: TypeError,
      says: ["slice: got a string at axis 0 of [2]", "[start, stop, step] or null"],
    },
    {
      what: "more slices than axes are counted",
      do: () => vector.slice(0, 0),
      error: ShapeError,
      says: ["slice: 2 parts for the 1 axes of [2]", "at most one for each axis"],
    },
    {
      what: "a gather at an index outside is told the range",
      do: () => vector.gather(index(2)),
      error: RangeError,
      says: ["gather: index 2 is outside an axis of 2", "0 to 1", "from the end"],
    },
    {
      what: "a gather at floats says to cast them",
      do: () => vector.gather(tensor([0])),
      error: DTypeError,
      says: ["gather: indices are float32", "must be int32", 'indices.cast("int32")'],
    },
    {
      what: "a gather at an array says to wrap it",
      do: () => vector.gather([0]),
      error: TypeError,
      says: ["gather: got an array where a tensor belongs", wrapIt],
    },
    {
      what: "negative padding is pointed to slice",
      do: () => vector.pad(-1),
      error: ShapeError,
      says: ["pad: widths must be whole numbers, 0 or more", "before [-1]", "to cut, use slice"],
    },
    {
      what: "too few widths of padding are counted",
      do: () => matrix.pad([1]),
      error: ShapeError,
      says: ["pad: 1 widths for the 2 axes of [2, 3]", "give one for each axis"],
    },
    {
      what: "three widths for one axis are one too many",
      do: () => vector.pad([[1, 2, 3]]),
      error: ShapeError,
      says: ["pad: [1,2,3] is no width", "[before, after] or one number for both"],
    },
    {
      what: "windows larger than the input say to pad",
      do: () => vector.windows({ sizes: [3] }),
      error: ShapeError,
      says: ["windows: [3]", "larger than [2]", "pad first or use smaller windows"],
    },
    {
      what: "joining shapes that don't agree names both and the axis",
      do: () => concat([matrix, zeros([3, 2])]),
      error: ShapeError,
      says: ["concat: [2, 3] and [3, 2] along axis 0", "all other sizes must agree"],
    },
    {
      what: "joining float types says to cast one",
      do: () => concat([vector, doubles]),
      error: DTypeError,
      says: ["concat: float32 and float64 don't mix", 'cast one, e.g. b.cast("float32")'],
    },
    {
      what: "joining nothing says to give at least one",
      do: () => concat([]),
      error: ShapeError,
      says: ["concat: got no tensors", "give at least one"],
    },
    {
      what: "joining tensors without brackets shows the call",
      do: () => concat(vector, vector),
      error: TypeError,
      says: ["concat: got a Tensor where an array of tensors belongs", "write concat([a, b])"],
    },
    {
      what: "the axis of a join without its name is not ignored",
      do: () => concat([matrix, matrix], 1),
      error: TypeError,
      says: ["concat: got a number", byName, "{ axis: … }"],
    },
    {
      what: "stacking nothing says to give at least one",
      do: () => stack([]),
      error: ShapeError,
      says: ["stack: got no tensors", "give at least one"],
    },
    {
      what: "stacking different lengths is pointed to concat",
      do: () => stack([vector, zeros([4])]),
      error: ShapeError,
      says: ["stack: [2] and [4]", "all shapes must agree", "use concat"],
    },
    {
      what: "stacking numbers says to wrap them",
      do: () => stack([1, 2]),
      error: TypeError,
      says: ["stack: got a number where a tensor belongs", wrapIt],
    },
  ],

  "products and convolutions": [
    {
      what: "a product of [2, 3] and [4, 3] names both shapes and both inner sizes",
      do: () => matrix.matmul(zeros([4, 3])),
      error: ShapeError,
      says: ["matmul: [2, 3] · [4, 3]", "inner sizes 3 and 4 differ", "columns on the left must equal rows"],
    },
    {
      what: "a product with a number says to wrap it",
      do: () => matrix.matmul(3),
      error: TypeError,
      says: ["matmul: got a number where a tensor belongs", wrapIt],
    },
    {
      what: "a product with a tensor of rank 0 is pointed to mul",
      do: () => matrix.matmul(tensor(3)),
      error: ShapeError,
      says: ["matmul: [2, 3] · []", "rank 0 is no matrix", "use mul"],
    },
    {
      what: "a product of batches that don't broadcast names the whole shapes",
      do: () => zeros([2, 2, 3]).matmul(zeros([3, 3, 2])),
      error: ShapeError,
      says: ["matmul: [2, 2, 3] · [3, 3, 2]", "batch axes", "[2] and [3] don't broadcast"],
    },
    {
      what: "a product of whole numbers says to cast",
      do: () => zeros([2, 2], { dtype: "int32" }).matmul(zeros([2, 2], { dtype: "int32" })),
      error: DTypeError,
      says: ["matmul: int32 has no matmul", needsFloat],
    },
    {
      what: "an inner product of matrices is pointed to matmul",
      do: () => matrix.dot(matrix),
      error: ShapeError,
      says: ["dot: [2, 3] · [2, 3]", "both must be vectors", "use matmul"],
    },
    {
      what: "an inner product of different lengths names them",
      do: () => vector.dot(zeros([3])),
      error: ShapeError,
      says: ["dot: [2] · [3]", "inner sizes 2 and 3 differ"],
    },
    {
      what: "an equation with sizes that clash names the letter",
      do: () => einsum("ij,jk->ik", matrix, matrix),
      error: ShapeError,
      says: ['einsum: "ij,jk->ik"', "j is 3 in one operand and 2 in another", "must be equally long"],
    },
    {
      what: "an equation with too few operands counts them",
      do: () => einsum("ij,jk->ik", matrix),
      error: ShapeError,
      says: ['einsum: "ij,jk->ik" names 2 operands and got 1', "commas separate operands"],
    },
    {
      what: "an equation for a diagonal of unequal sizes names the letter and both",
      do: () => einsum("ii->i", matrix),
      error: ShapeError,
      says: ['einsum: "ii->i"', "i is 2 in one place and 3 in another", "must be equally long"],
    },
    {
      what: "an equation for a diagonal matrix is pointed to diag",
      do: () => einsum("i->ii", vector),
      error: ShapeError,
      says: ['einsum: "i->ii"', "the result names i twice", "make a diagonal matrix with diag"],
    },
    {
      what: "an equation whose result invents an axis names it",
      do: () => einsum("ij->ijk", matrix),
      error: ShapeError,
      says: ['einsum: "ij->ijk"', "the result names k", "name only axes of operands"],
    },
    {
      what: "an equation with fewer letters than axes counts both",
      do: () => einsum("i->i", matrix),
      error: ShapeError,
      says: ['einsum: "i->i"', "names 1 axes of [2, 3], which has 2", "one letter an axis"],
    },
    {
      what: "an equation with two dots is no equation",
      do: () => einsum("..ij->..ji", matrix),
      error: ShapeError,
      says: ['einsum: "..ij->..ji" is no equation', '"..." for all others', '"ij,jk->ik"'],
    },
    {
      what: "an equation whose result forgets the axes without letters is told to name them",
      do: () => einsum("...i->i", matrix),
      error: ShapeError,
      says: ['einsum: "...i->i"', 'the result has no "..." for the 1 axes', 'write "->...i"'],
    },
    {
      what: "an equation whose axes without letters clash counts them from the end",
      do: () => einsum("...i,...i->...", matrix, zeros([4, 3])),
      error: ShapeError,
      says: ['einsum: "...i,...i->..."', 'axis −1 of "..." is 2 in one operand and 4 in another', "or 1"],
    },
    {
      what: "an equation with more letters than axes counts both, dots or not",
      do: () => einsum("...ijk->i...", matrix),
      error: ShapeError,
      says: ['einsum: "...ijk->i..."', "names 3 axes of [2, 3], which has 2", "one letter an axis"],
    },
    {
      what: "an equation after its operands is told to come first",
      do: () => einsum(matrix, "ij->ji"),
      error: TypeError,
      says: ["einsum: got a Tensor where the equation belongs", 'einsum("ij,jk->ik", a, b)'],
    },
    {
      what: "a kernel of other channels names both shapes and their meaning",
      do: () => convolution(zeros([1, 2, 5]), zeros([1, 3, 3])),
      error: ShapeError,
      says: [
        "convolution: [1, 2, 5] with kernel [1, 3, 3]",
        "[outputs, channels, ...window]",
        "equal channels",
      ],
    },
    {
      what: "padding of another library's name is told those there are",
      do: () => convolution(zeros([1, 1, 5]), zeros([1, 1, 3]), { padding: "full" }),
      error: TypeError,
      says: ['convolution: padding "full" is not known', 'use "valid", "same"'],
    },
    {
      what: "pooling a vector says what shape is expected",
      do: () => maxPool(vector, 2),
      error: ShapeError,
      says: ["maxPool: no axes to pool in [2]", "expected [batch, channels, ...sizes]"],
    },
    {
      what: "pooling without a size says to give one",
      do: () => maxPool(zeros([1, 1, 4])),
      error: TypeError,
      says: ["maxPool: size: got undefined", "give a number for all axes, or one for each axis"],
    },
  ],

  derivatives: [
    {
      what: "the gradient of a vector says to reduce it, or to use jacobian or vjp",
      do: () => grad((x: Untyped) => x.square())(vector),
      error: ShapeError,
      says: ["grad: the function returned [2]", "a single number of rank 0", ".sum()", "jacobian or vjp"],
    },
    {
      what: "the gradient by whole numbers says to cast them",
      do: () => grad(sumOfSquares)(whole),
      error: DTypeError,
      says: ["grad: the argument is int32", "has no derivative", "cast it to a float type"],
    },
    {
      what: "the gradient by a number says to wrap it",
      do: () => grad(sumOfSquares)(3),
      error: TypeError,
      says: ["grad: the argument is a number", aTree, "wrap numbers with tensor(…)"],
    },
    {
      what: "the gradient by a tree names the place of what is no tensor",
      do: () => grad((p: Untyped) => p.w[0].sum())({ w: [vector, 3] }),
      error: TypeError,
      says: ["grad: the argument.w[1] is a number", aTree],
    },
    {
      what: "the gradient of a function that returns item() says to stay on the tape",
      do: () => grad((x: Untyped) => x.sum().item())(vector),
      error: TypeError,
      says: ["grad: the function's result is a number", aTree, offTheTape],
    },
    {
      what: "the gradient of an async function says not to leave the tape",
      do: () => grad(async (x: Untyped) => x.sum())(vector),
      error: TypeError,
      says: ["grad: the function's result is a Promise", aTree, offTheTape],
    },
    {
      what: "the gradient of a function that forgot to return says to return",
      do: () =>
        grad((x: Untyped) => {
          x.sum();
        })(vector),
      error: TypeError,
      says: ["grad: the function's result is undefined", "return one"],
    },
    {
      what: "the gradient of whole numbers says to return a float",
      do: () => grad((x: Untyped) => x.cast("int32").sum())(vector),
      error: DTypeError,
      says: ["grad: the function returned int32", "return a float"],
    },
    {
      what: "the gradient of a tensor instead of a function shows a function",
      do: () => grad(vector),
      error: TypeError,
      says: ["grad: got a Tensor where the function belongs", "(x) => x.square().sum()"],
    },
    {
      what: "the value and gradient of nothing shows a function",
      do: () => valueAndGrad(undefined),
      error: TypeError,
      says: ["valueAndGrad: got undefined where the function belongs", "(x) => x.square().sum()"],
    },
    {
      what: "the Hessian of a vector says to reduce it",
      do: () => hessian((x: Untyped) => x.square())(vector),
      error: ShapeError,
      says: ["hessian: the function returned [2]", "a single number", ".sum()"],
    },
    {
      what: "a mode of jacobian without its name is not ignored",
      do: () => jacobian(sumOfSquares, "forward"),
      error: TypeError,
      says: ["jacobian: got a string", byName, "{ mode: … }"],
    },
    {
      what: "a tangent of another shape names both",
      do: () => jvp(sumOfSquares, vector, zeros([3])),
      error: ShapeError,
      says: [
        "jvp: the tangent has shape [3] and its point [2]",
        "must be equal",
        "broadcastTo or reshape it",
      ],
    },
    {
      what: "a tangent of another type says to cast it",
      do: () => jvp(sumOfSquares, vector, doubles),
      error: DTypeError,
      says: ["jvp: the tangent is float64 and its point float32", 'v.cast("float32")'],
    },
    {
      what: "a tangent whose tree has other names shows both forms",
      do: () => jvp((p: Untyped) => p.a.mul(p.b).sum(), { a: vector, b: vector }, { a: vector, c: vector }),
      error: TypeError,
      says: ["jvp: the tangent is a tree with tensors at .a, .c", ".a, .b", "of the same form"],
    },
    {
      what: "a number as tangent says to wrap it",
      do: () => jvp(sumOfSquares, vector, 1),
      error: TypeError,
      says: ["jvp: the tangent is a number", aTree, "wrap numbers with tensor(…)"],
    },
    {
      what: "a cotangent of another shape names both",
      do: () => vjp((x: Untyped) => x.square(), vector).pullback(tensor([1])),
      error: ShapeError,
      says: [
        "vjp: the cotangent has shape [1] and its point [2]",
        "must be equal",
        "broadcastTo or reshape it",
      ],
    },
    {
      what: "a vector of another shape has no Hessian product",
      do: () => hvp(sumOfSquares, vector, zeros([3])),
      error: ShapeError,
      says: ["hvp: the tangent has shape [3] and its point [2]", "must be equal"],
    },
    {
      what: "a gradient can't be stopped in a number",
      do: () => stopGradient(3),
      error: TypeError,
      says: ["stopGradient: the value is a number", aTree],
    },
    {
      what: "backward from a vector says to reduce first",
      do: () => variable([1, 2]).square().backward(),
      error: ShapeError,
      says: ["backward: [2] has 2 elements", "that of a single number", "loss.mean().backward()"],
    },
    {
      what: "backward without variables says how to get some",
      do: () => sumOfSquares(vector).backward(),
      error: Error,
      says: ["backward: the value depends on no variable", "variable(…)", "grad(f) for plain tensors"],
    },
    {
      what: "backward from whole numbers doesn't do nothing in silence",
      do: () => variable([1, 2]).cast("int32").sum().backward(),
      error: DTypeError,
      says: ["backward: the value is int32", "has no derivative", "float"],
    },
    {
      what: "a seed given to backward is not ignored",
      do: () => variable(1).square().backward(tensor(1)),
      error: TypeError,
      says: ["backward: got a Tensor", byName, "{ createGraph: … }"],
    },
    {
      what: "the tape of a number says what to give",
      do: () => tapeOf(3),
      error: TypeError,
      says: ["tapeOf: got a number where a tensor belongs", "give tensors, or a function and its arguments"],
    },
  ],

  variables: [
    {
      what: "assigning another shape names both and the variable",
      do: () => variable([1, 2], { name: "w" }).assign(tensor([1])),
      error: ShapeError,
      says: [
        'assign: variable "w" has shape [2] and the value [1]',
        "keeps its shape",
        "reshape or broadcastTo",
      ],
    },
    {
      what: "adding a gradient of another shape names both and the variable",
      do: () => variable([1, 2], { name: "w" }).addGrad(tensor([1]) as never),
      error: ShapeError,
      says: ['addGrad: variable "w" has shape [2] and the gradient [1]', "reshape or broadcastTo"],
    },
    {
      what: "adding a gradient of another type says to cast",
      do: () => variable([1, 2], { name: "w" }).addGrad(doubles as never),
      error: DTypeError,
      says: ['addGrad: variable "w" is float32 and the gradient float64', 'gradient.cast("float32")'],
    },
    {
      what: "assigning another type says to cast",
      do: () => variable([1, 2], { name: "w" }).assign(doubles),
      error: DTypeError,
      says: ['assign: variable "w" is float32 and the value float64', 'value.cast("float32")'],
    },
    {
      what: "assigning an array shows the tensor to make of it",
      do: () => variable([1, 2]).assign([1, 2]),
      error: TypeError,
      says: ["assign: got an array where a tensor belongs", 'tensor(…, { dtype: "float32" })'],
    },
    {
      what: "assigning a string to a learning rate shows the tensor to make of it",
      do: () => descent().learningRate.assign("0.01"),
      error: TypeError,
      says: ['assign: got a string where a tensor belongs; variable "learningRate"', '{ dtype: "float64" }'],
    },
    {
      what: "a name without its name is not ignored",
      do: () => variable(1, "w"),
      error: TypeError,
      says: ["variable: got a string", byName, "{ name: … }"],
    },
  ],

  "a researcher's own operations": [
    {
      what: "an activation that returns a string shows one that returns an expression",
      do: () => activation("swish", () => "x"),
      error: TypeError,
      says: ["swish: the statement returned a string", likeSwish],
    },
    {
      what: "an activation that forgot to return shows one that returns",
      do: () => activation("swish", () => {}),
      error: TypeError,
      says: ["swish: the statement returned undefined", likeSwish],
    },
    {
      what: "an activation that returns a tensor shows one that returns an expression",
      do: () => activation("swish", () => vector),
      error: TypeError,
      says: ["swish: the statement returned a Tensor", likeSwish],
    },
    {
      what: "an activation without a function shows one",
      do: () => activation("swish", 3),
      error: TypeError,
      says: [
        "swish: its statement is a number",
        "give a function of expressions",
        "(x) => x.mul(x.logistic())",
      ],
    },
    {
      what: "an activation without a name shows one with a name",
      do: () => activation((x: Untyped) => x.tanh()),
      error: TypeError,
      says: ["activation: got a function where the name belongs", 'activation("swish"'],
    },
    {
      what: "an activation in JavaScript's operators doesn't become NaN in silence",
      do: () => activation("double", (x: Untyped) => x * 2),
      error: TypeError,
      says: ["expression: JavaScript's operators and Math", "can't be differentiated", "x.mul(2) for x * 2"],
    },
    {
      what: "an activation by Math doesn't become NaN in silence",
      do: () => activation("bend", (x: Untyped) => Math.tanh(x)),
      error: TypeError,
      says: ["expression: JavaScript's operators and Math", "x.tanh() for Math.tanh(x)"],
    },
    {
      what: "an activation that compares by > doesn't take one branch in silence",
      do: () => activation("rectify", (x: Untyped) => (x > 0 ? x : 0)),
      error: TypeError,
      says: ["expression: JavaScript's operators and Math", "x.greater(0).select(a, b) for x > 0 ? a : b"],
    },
    {
      what: "an activation with a tensor inside says to build on its operand",
      do: () => activation("shift", (x: Untyped) => x.add(vector)),
      error: TypeError,
      says: ["add: got a Tensor where an expression or a number belongs", "build on its operand"],
    },
    {
      what: "an activation of two operands finds only one",
      do: () => activation("product", (x: Untyped, y: Untyped) => x.mul(y)),
      error: TypeError,
      says: ["mul: got undefined where an expression or a number belongs", "build on its operand"],
    },
    {
      what: "an activation that misses an operand shows the call",
      do: () => activation("add", (x: Untyped) => x.add()),
      error: TypeError,
      says: ["add: takes 1 operands beside the expression, got 0", "write x.add(y)"],
    },
    {
      what: "a ψ that is no expression is called by its name",
      do: () => activation("bend", (x: Untyped) => x.tanh(), { psi: () => "1 − y²" }),
      error: TypeError,
      says: ["bend's ψ: the statement returned a string", likeSwish],
    },
    {
      what: "an activation of a string says what to give",
      do: () => nn.tanh("3" as Untyped),
      error: TypeError,
      says: ["tanh: can't be applied to a string", "give a number, a tensor", "tanh(tensor([1, 2]))"],
    },
    {
      what: "an activation of an array says what to give",
      do: () => nn.tanh([1, 2] as Untyped),
      error: TypeError,
      says: ["tanh: can't be applied to an array", "give a number, a tensor", "tanh(tensor([1, 2]))"],
    },
    {
      what: "an activation of nothing says what to give",
      do: () => nn.tanh(undefined as Untyped),
      error: TypeError,
      says: ["tanh: can't be applied to undefined", "give a number, a tensor"],
    },
    {
      what: "an activation of whole numbers says to cast",
      do: () => nn.silu(whole),
      error: DTypeError,
      says: ["silu: int32 has no silu", needsFloat],
    },
    {
      what: "a leak of 0 is pointed to relu",
      do: () => leakyReluOf(0),
      error: RangeError,
      says: ["leakyReluOf: slope 0 must be above 0", "use relu"],
    },
    {
      what: "a primitive without a shape rule shows what to state",
      do: () => definePrimitive({ name: "twice", value() {} }),
      error: TypeError,
      says: ['definePrimitive: "twice" lacks a shape rule', "state { name, shape:"],
    },
    {
      what: "a primitive whose shape rule gives no shape is caught",
      do: () => doubling({ shape: () => 2 })(vector),
      error: TypeError,
      says: ["twice: its shape rule: got a number where a shape belongs", inBrackets],
    },
    {
      what: "a primitive whose type rule invents a type is caught",
      do: () => doubling({ dtype: () => "half" })(vector),
      error: DTypeError,
      says: ['twice: its type rule: "half" is not an element type', 'use "float32"'],
    },
    {
      what: "a primitive whose value returns instead of writing is caught",
      do: () => doubling({ value: ([{ data }]: Untyped) => data.map((x: number) => 2 * x) })(vector),
      error: TypeError,
      says: ["twice: its value returned a Float32Array", "into its second argument", "out.set(…)"],
    },
    {
      what: "a primitive given a number says what it takes",
      do: () => doubling({})(3),
      error: TypeError,
      says: [
        "twice: takes tensors, then at most one object of attributes",
        "got 1 arguments, 0 of them tensors",
      ],
    },
    {
      what: "a pullback of another shape is caught",
      do: () => gradientOf({ pullback: () => [tensor([1])] }),
      error: ShapeError,
      says: ["twice: its pullback gave float32 [1]", "input 1 is float32 [2]", "has its shape and type"],
    },
    {
      what: "a pullback of another type is caught",
      do: () => gradientOf({ pullback: () => [doubles] }),
      error: ShapeError,
      says: ["twice: its pullback gave float64 [2]", "input 1 is float32 [2]", "has its shape and type"],
    },
    {
      what: "a pullback with too few cotangents is counted",
      do: () => gradientOf({ pullback: () => [] }),
      error: ShapeError,
      says: ["twice: its pullback gave 0 cotangents for 1 inputs", "give one each, null for none"],
    },
    {
      what: "a pullback that returns a tensor says to return an array",
      do: () => gradientOf({ pullback: (_: unknown, dy: Untyped) => dy.mul(2) }),
      error: TypeError,
      says: ["twice: its pullback gave a Tensor", "give an array, a cotangent for each input"],
    },
    {
      what: "a pullback that returns numbers says to return tensors",
      do: () => gradientOf({ pullback: () => [2] }),
      error: TypeError,
      says: ["twice: its pullback gave a number for the input 1", "give a tensor, or null"],
    },
    {
      what: "a pushforward of another shape is caught",
      do: () => jvp(doubling({ pushforward: () => tensor([1]) }), vector, vector),
      error: ShapeError,
      says: [
        "twice: its pushforward gave float32 [1]",
        "the output is float32 [2]",
        "has its shape and type",
      ],
    },
    {
      what: "a primitive without a rule says to state one, or to detach",
      do: () => gradientOf({ pullback: undefined }),
      error: Error,
      says: ["twice: has no derivative rule", "state a pullback or a pushforward", "x.detach()"],
    },
  ],

  "random numbers": [
    {
      what: "half a seed is no seed",
      do: () => randomKey(0.5),
      error: RangeError,
      says: ["randomKey: seed 0.5 is not a whole number", "e.g. randomKey(0)"],
    },
    {
      what: "a number is no key",
      do: () => uniform(3, [2]),
      error: TypeError,
      says: ["uniform: got a number where a key belongs", "randomKey(seed)"],
    },
    {
      what: "a source of keys is no key, and gives one where it is called",
      do: () => uniform(keys(0), [2]),
      error: TypeError,
      says: ["uniform: got a function where a key belongs", "where it is called: key()"],
    },
    {
      what: "a draw without a key says to make one",
      do: () => normal([2]),
      error: TypeError,
      says: ["normal: got an array where a key belongs", "randomKey(seed)"],
    },
    {
      what: "any other tensor is no key",
      do: () => uniform(vector, [2]),
      error: DTypeError,
      says: ["uniform: the key is float32 [2]", "randomKey(seed)", "splitKey"],
    },
    {
      what: "an interval upside down names both ends",
      do: () => uniform(key, [2], { low: 1, high: 0 }),
      error: RangeError,
      says: ["uniform: low 1 and high 0 bound no interval", "low not above high"],
    },
    {
      what: "a draw of whole numbers says to cast afterwards",
      do: () => uniform(key, [2], { dtype: "int32" }),
      error: DTypeError,
      says: ["uniform: int32 can't hold fractions", "use float32 or float64, then cast"],
    },
    {
      what: "a draw of a size without brackets is told to use them",
      do: () => uniform(key, 2),
      error: TypeError,
      says: ["uniform: got a number where a shape belongs", inBrackets],
    },
    {
      what: "a negative deviation is none",
      do: () => normal(key, [2], { deviation: -1 }),
      error: RangeError,
      says: ["normal: mean 0 and deviation -1", "the deviation 0 or more"],
    },
    {
      what: "a probability of 2 is none",
      do: () => bernoulli(key, [2], { probability: 2 }),
      error: RangeError,
      says: ["bernoulli: probability 2", "must lie between 0 and 1"],
    },
    {
      what: "a probability without its name is not ignored",
      do: () => bernoulli(key, [2], 0.3),
      error: TypeError,
      says: ["bernoulli: got a number", byName, "{ probability: … }"],
    },
    {
      what: "−1 numbers have no order",
      do: () => permutation(key, -1),
      error: RangeError,
      says: ["permutation: n is -1", "0 or more"],
    },
    {
      what: "a seed is no key to split",
      do: () => splitKey(3),
      error: TypeError,
      says: ["splitKey: got a number where a key belongs", "randomKey(seed)"],
    },
  ],

  layers: [
    {
      what: "a layer of no inputs is told to have one",
      do: () => dense(0, 2),
      error: ShapeError,
      says: ["dense: inputs is 0", "a whole number, 1 or more"],
    },
    {
      what: "a layer without outputs is told to have one",
      do: () => dense(2),
      error: ShapeError,
      says: ["dense: outputs is undefined", "a whole number, 1 or more"],
    },
    {
      what: "an input of the wrong width names it, the layer's, and the layer it would fit",
      do: () => dense(3, 4, { key: randomKey(0) }).forward(zeros([2, 5])),
      error: ShapeError,
      says: ["dense: input [2, 5]", "takes 3 inputs along the last axis", "reshape it", "dense(5, 4)"],
    },
    {
      what: "an input of another type says to cast it",
      do: () => dense(2, 1, { key: randomKey(0) }).forward(whole),
      error: DTypeError,
      says: ["dense: the input is int32 and the layer float32", 'x.cast("float32")'],
    },
    {
      what: "an array as input says to wrap it",
      do: () => dense(2, 1, { key: randomKey(0) }).forward([1, 2]),
      error: TypeError,
      says: ["dense: the input is an array and must be a tensor", wrapIt],
    },
    {
      what: "an activation by its name in quotes is told to be a function",
      do: () => dense(2, 1, { activation: "relu", key: randomKey(0) }),
      error: TypeError,
      says: ['dense: the activation is the string "relu"', "a function such as relu"],
    },
    {
      what: "an activation without its name in the options is not ignored",
      do: () => dense(2, 1, nn.relu),
      error: TypeError,
      says: ["dense: got a function", byName, "{ activation: … }"],
    },
    {
      what: "a misspelt option is not ignored",
      do: () => dense(2, 1, { activaton: nn.relu }),
      error: TypeError,
      says: ['dense: there is no option "activaton"', "activation, bias"],
    },
    {
      what: "an initializer that forgets the shape is caught",
      do: () => dense(2, 1, { initializer: () => zeros([1]), key: randomKey(0) }),
      error: ShapeError,
      says: ["dense: the initializer gave [1] for weights [2, 1]", "use the shape it is given"],
    },
    {
      what: "a seed in the place of a key says to make a key",
      do: () => mlp([2, 1], { key: 0 }),
      error: TypeError,
      says: ["splitKey: got a number where a key belongs", "randomKey(seed)"],
    },
    {
      what: "a transfer matrix of another shape says what its rows are",
      do: () => {
        dense(2, 1, { key: randomKey(0) }).transferMatrix = zeros([2, 1]);
      },
      error: ShapeError,
      says: ["transferMatrix: got [2, 1], expected [3, 1]", "a row of bias weights", "2 inputs"],
    },
    {
      what: "a transfer matrix as an array says to wrap it",
      do: () => {
        dense(2, 1, { key: randomKey(0) }).transferMatrix = [[0], [1], [2]];
      },
      error: TypeError,
      says: ["transferMatrix: the matrix is an array and must be a tensor", wrapIt],
    },
    {
      what: "bias weights for a layer without bias are not dropped",
      do: () => {
        dense(2, 1, { bias: false, key: randomKey(0) }).transferMatrix = full([3, 1], 1);
      },
      error: ShapeError,
      says: ["transferMatrix: row 0 holds bias weights", "bias: true, or set row 0 to zeros"],
    },
    {
      what: "what has no forward is no layer",
      do: () => sequential(dense(2, 3, { key: randomKey(0) }), 3),
      error: TypeError,
      says: ["sequential: argument 2 is a number", "no forward(x)", "give a layer, e.g. dense(2, 3"],
    },
    {
      what: "a layer without a key shows the line to write",
      do: () => dense(2, 3),
      error: TypeError,
      says: ["dense: its first weights are random", "const key = keys(0); dense(2, 3, { key: key() })"],
    },
    {
      what: "a perceptron without a key shows the line to write",
      do: () => mlp([2, 3]),
      error: TypeError,
      says: ["mlp: its first weights are random, so it needs a key", "const key = keys(0); mlp([2, 3]"],
    },
    {
      what: "an option of forward that no layer has is named",
      do: () => sequential(nn.tanh).forward(zeros([1]), { trainng: true }),
      error: TypeError,
      says: ['forward: there is no option "trainng"', "training, key"],
    },
    {
      what: "a variable is trainable or not",
      do: () => variable([1], { trainable: "yes" }),
      error: TypeError,
      says: ["variable: trainable is yes", "true or false"],
    },
    {
      what: "a perceptron of one width lacks its outputs",
      do: () => mlp([3]),
      error: RangeError,
      says: ["mlp: 1 widths", "the inputs and the outputs", "mlp([2, 1])"],
    },
    {
      what: "widths without brackets are told to be put in brackets",
      do: () => mlp(2, 3, 1),
      error: TypeError,
      says: ["mlp: got a number where the widths belong", "mlp([2, 3, 1])"],
    },
    {
      what: "a number has no variables",
      do: () => variables(3),
      error: TypeError,
      says: ["variables: got a number where a model belongs", "a layer, or an object or array of layers"],
    },
    {
      what: "a tensor has no variables",
      do: () => variables(vector),
      error: TypeError,
      says: ["variables: got a Tensor where a model belongs", "a layer, or an object or array of layers"],
    },
    {
      what: "backpropagation through what is not dense says what it shows",
      do: () =>
        backpropagation(
          sequential({ forward: (x: unknown) => x }),
          zeros([1, 2]),
          zeros([1, 2]),
          meanSquaredError,
        ),
      error: TypeError,
      says: ["backpropagation: the model has a layer that is not dense", "alone or in a sequential"],
    },
    {
      what: "backpropagation of samples of the wrong width names it and the model's",
      do: () =>
        backpropagation(dense(3, 1, { key: randomKey(0) }), zeros([1, 2]), zeros([1, 1]), meanSquaredError),
      error: ShapeError,
      says: ["backpropagation: x [1, 2]", "takes 3 inputs", "[batch, 3]"],
    },
    {
      what: "backpropagation without a loss shows one",
      do: () => backpropagation(dense(2, 1, { key: randomKey(0) }), zeros([1, 2]), zeros([1, 1])),
      error: TypeError,
      says: ["backpropagation: the loss is undefined", "must be a function, e.g. meanSquaredError"],
    },
  ],

  losses: [
    {
      what: "a prediction [4] against a target [4, 1] doesn't make sixteen losses",
      do: () => meanSquaredError(zeros([4]), zeros([4, 1])),
      error: ShapeError,
      says: ["meanSquaredError: prediction [4] and target [4, 1] differ", "one shape", "reshape the target"],
    },
    {
      what: "a target of another type says to cast it",
      do: () => meanSquaredError(vector, whole),
      error: DTypeError,
      says: ["meanSquaredError: prediction is float32 and target int32", 'target.cast("float32")'],
    },
    {
      what: "a target as an array says to wrap it",
      do: () => meanSquaredError(vector, [1, 2]),
      error: TypeError,
      says: ["meanSquaredError: the target is an array and must be a tensor", wrapIt],
    },
    {
      what: "a model in the place of its prediction says to call forward",
      do: () => meanSquaredError(dense(2, 1, { key: randomKey(0) }), zeros([1, 1])),
      error: TypeError,
      says: ["meanSquaredError: the prediction is a Dense", "model.forward(x)"],
    },
    {
      what: "a reduction of another library's name is told those there are",
      do: () => meanSquaredError(vector, vector, { reduction: "avg" }),
      error: TypeError,
      says: ['meanSquaredError: reduction "avg" is not known', 'use "mean", "batchMean", "sum" or "none"'],
    },
    {
      what: "a reduction without its name is not ignored",
      do: () => meanSquaredError(vector, vector, "sum"),
      error: TypeError,
      says: ["meanSquaredError: got a string", byName, "{ reduction: … }"],
    },
    {
      what: "a label beyond the classes is told their range",
      do: () => crossEntropy(zeros([2, 3]), index(0, 3)),
      error: RangeError,
      says: ["crossEntropy: label 3 is none of the 3 classes", "from 0 to 2"],
    },
    {
      what: "a label of −1 doesn't mean the last class",
      do: () => crossEntropy(zeros([2, 3]), index(0, -1)),
      error: RangeError,
      says: ["crossEntropy: label -1 is none of the 3 classes", "from 0 to 2"],
    },
    {
      what: "labels that are floats say to cast them",
      do: () => crossEntropy(zeros([2, 3]), tensor([0, 1])),
      error: DTypeError,
      says: ["crossEntropy: labels [2] are float32", "must be int32", 'target.cast("int32")', "[2, 3]"],
    },
    {
      what: "a label too many names both shapes and the one to give",
      do: () => crossEntropy(zeros([2, 3]), index(0, 1, 2)),
      error: ShapeError,
      says: ["crossEntropy: logits [2, 3] and labels [3]", "one int32 label for each row", "[2]"],
    },
  ],

  optimizers: [
    {
      what: "a negative learning rate would climb",
      do: () => sgd({ learningRate: -1 }),
      error: RangeError,
      says: ["sgd: learningRate -1", "0 or more", "{ learningRate: 0.01 }"],
    },
    {
      what: "a learning rate that is NaN is caught before it spreads",
      do: () => sgd({ learningRate: NaN }),
      error: RangeError,
      says: ["sgd: learningRate NaN", "must be a finite number"],
    },
    {
      what: "a learning rate without its name is not ignored",
      do: () => adam(0.1),
      error: TypeError,
      says: ["adam: got a number", byName, "{ learningRate: … }"],
    },
    {
      what: "a learning rate under another library's name is not ignored",
      do: () => adam({ lr: 0.1 }),
      error: TypeError,
      says: ['adam: there is no option "lr"', "learningRate, betas"],
    },
    {
      what: "no options at all show which",
      do: () => sgd(),
      error: TypeError,
      says: ["sgd: got undefined", byName, "{ learningRate: … }"],
    },
    {
      what: "a momentum of 1 never stops",
      do: () => sgd({ learningRate: 0.1, momentum: 1 }),
      error: RangeError,
      says: ["sgd: momentum 1", "from 0 to below 1", "e.g. 0.9"],
    },
    {
      what: "nesterov without momentum says to give one",
      do: () => sgd({ learningRate: 0.1, nesterov: true }),
      error: RangeError,
      says: ["sgd: nesterov needs a momentum above 0", "momentum: 0.9"],
    },
    {
      what: "weights can't decay by less than nothing",
      do: () => sgd({ learningRate: 0.1, weightDecay: -1 }),
      error: RangeError,
      says: ["sgd: weightDecay -1", "0 or more"],
    },
    {
      what: "a beta of 1 forgets nothing, ever",
      do: () => adam({ betas: [0.9, 1] }),
      error: RangeError,
      says: ["adam: betas [0.9,1]", "from 0 to below 1", "[0.9, 0.999]"],
    },
    {
      what: "one beta is one too few",
      do: () => adam({ betas: [0.9] }),
      error: RangeError,
      says: ["adam: betas [0.9]", "two numbers", "[0.9, 0.999]"],
    },
    {
      what: "stepping a model says to take its variables",
      do: () => descent().step(mlp([2, 1], { key: randomKey(0) })),
      error: TypeError,
      says: ["sgd: got", "where variables belong", likeModel],
    },
    {
      what: "stepping one variable alone says to put it in an array",
      do: () => descent().step(variable(1)),
      error: TypeError,
      says: ["sgd: got a Variable where variables belong", likeModel],
    },
    {
      what: "stepping plain tensors says to take variables",
      do: () => descent().step([vector]),
      error: TypeError,
      says: ["sgd: got a Tensor where variables belong", likeModel],
    },
    {
      what: "stepping nothing says to take variables",
      do: () => descent().step(),
      error: TypeError,
      says: ["sgd: got undefined where variables belong", likeModel],
    },
    {
      what: "stepping before backward doesn't do nothing in silence",
      do: () => descent().step([variable(1)]),
      error: Error,
      says: ["sgd: none of 1 variables has a gradient", "call backward on a loss made of them"],
    },
    {
      what: "minimizing a loss made of other variables doesn't do nothing in silence",
      do: () => descent().minimize(() => variable(1).square(), [variable(2)]),
      error: Error,
      says: ["sgd: none of 1 variables has a gradient", "a loss made of them"],
    },
    {
      what: "minimizing a value instead of a function shows a function",
      do: () => descent().minimize(variable(1).square(), [variable(1)]),
      error: TypeError,
      says: ["sgd: the loss is a Tensor and must be a function", "() => meanSquaredError("],
    },
    {
      what: "minimizing a loss that forgot to return says to return it",
      do: () => descent().minimize(() => {}, [variable(1)]),
      error: TypeError,
      says: ["sgd: what the loss returned is undefined", "return it without await or item()"],
    },
    {
      what: "minimizing an async loss says not to await",
      do: () => descent().minimize(async () => variable(1).square(), [variable(1)]),
      error: TypeError,
      says: ["sgd: what the loss returned is a Promise", "return it without await or item()"],
    },
    {
      what: "an optimizer whose rule returns a number says what to return",
      do: () => {
        const w = variable(1);
        w.square().backward();
        optimizer("mine", 0.1, () => 3).step([w]);
      },
      error: TypeError,
      says: ["mine: what the rule returned is a number", "return what takes the gradient's place"],
    },
  ],
};

function thrownBy(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("the misuse passed in silence");
}

/** What JavaScript says of its own accord, which teaches nothing here. */
const raw = /Cannot|is not a function|is not iterable|is not a constructor|\[object|Invalid/;

describe.each(Object.entries(misuses))("%s", (_subject, rows) => {
  test.each(rows)("$what", ({ do: run, error, says }) => {
    const thrown = thrownBy(run);
    const { message } = thrown;
    expect(thrown.constructor).toBe(error);
    expect(message).toMatch(/^[a-zA-Zψ' ]+: /);
    expect(message).not.toMatch(raw);
    expect(message.length).toBeLessThan(300);
    for (const part of says) expect(message).toContain(part);
    // The operation opens the message.
    expect(message.startsWith(says[0]!)).toBe(true);
  });
});

test("no two misuses share a name", () => {
  const names = Object.values(misuses).flatMap((rows) => rows.map(({ what }) => what));
  expect(new Set(names).size).toBe(names.length);
});

test("an optimizer's learning rate can't be replaced, only assigned to", () => {
  const optimizer = descent();
  expect(() => {
    optimizer.learningRate = 0.5;
  }).toThrow("learningRate");
});

test("a misuse in the middle of a step leaves every variable as it was", () => {
  const w = variable(1);
  w.square().backward();
  expect(() => descent().step([w, vector])).toThrow(TypeError);
  expect(w.item()).toBe(1);
});
