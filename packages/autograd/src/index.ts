// The public names of @adjoint/autograd.

/**
 * Tensors, scalars, their derivatives of every order, and compiled programs.
 *
 * What holds for every function is not repeated in its entry: it throws TypeError for an argument of another kind than its
 * type says, and for an option of another name.
 *
 * @packageDocumentation
 */

export type { DType, TypedArray } from "./array/dtype.ts";
export { CompileError, DTypeError, ShapeError } from "./array/errors.ts";
export type {
  Broadcast,
  Broadcastable,
  LastAxesSwapped,
  MatmulAgrees,
  MatmulShape,
  Nested,
  Shape,
  ShapeMismatch,
  ShapeOf,
} from "./array/shape-types.ts";
export type { Convolved, PerAxis, Pooled } from "./array/window-types.ts";
export {
  type CompiledFunction,
  type CompiledProgram,
  type CompileOptions,
  compile,
} from "./compile/compile.ts";
export { checkpoint } from "./differentiate/checkpoint.ts";
export { cond } from "./differentiate/cond.ts";
export { hessian, type JacobianOf, type JacobianOptions, jacobian } from "./differentiate/jacobian.ts";
export { leaves } from "./differentiate/leaves.ts";
export { customJvp, customVjp, type OwnRuleOptions } from "./differentiate/own-rule.ts";
export { type PartOf, type ScanOptions, scan } from "./differentiate/scan.ts";
export { assign, bind, gradients, noGrad, transaction } from "./differentiate/surroundings.ts";
export {
  type GradientsOf,
  type GradOptions,
  grad,
  hvp,
  jvp,
  linearize,
  type ReachOptions,
  stopGradient,
  valueAndGrad,
  vjp,
} from "./differentiate/transforms.ts";
export type { TensorsOf, Tree, VariableTree } from "./differentiate/tree.ts";
export {
  addTrees,
  dotTrees,
  flattenTree,
  type LeafOf,
  mapTree,
  normOfTree,
  scaleTree,
} from "./differentiate/trees.ts";
export {
  type BatchAxes,
  type BatchAxis,
  type BatchOf,
  type VmapOptions,
  vmap,
} from "./differentiate/vmap.ts";
export { whileLoop } from "./differentiate/while-loop.ts";
export {
  type Activation,
  type ActivationOptions,
  activation,
  type ElementFunction,
} from "./expression/activation.ts";
export type { Arity, Atom, Interval, OperandKind, ResultKind } from "./expression/atoms/atom.ts";
export { differentiate } from "./expression/differentiate.ts";
export { elementwise, type FunctionOfElements } from "./expression/elementwise.ts";
export type { ElementwiseFunction, ElementwiseOperand } from "./expression/elementwise-function.ts";
export { Expression } from "./expression/expression.ts";
export type { Lane, Lanes } from "./expression/lanes.ts";
export type { NanToNumOptions } from "./expression/nan-to-num.ts";
export { type AtomFunction, type AtomStatement, atom } from "./expression/own-atom.ts";
export { simplify } from "./expression/simplify.ts";
export { type DisplayOptions, display } from "./inspect/display.ts";
export { Tape, tapeOf } from "./inspect/tape.ts";
export type { Check, RangeCheck } from "./primitives/guarded.ts";
export type { Given } from "./program/attributes.ts";
export type { Saved } from "./program/json.ts";
export type { AtomName, PrimitiveName } from "./program/names.ts";
export type { ProgramStep, ProgramValue } from "./program/parts.ts";
export { Program } from "./program/program.ts";
export { record } from "./program/record.ts";
export { activationFromJSON, activationToJSON } from "./program/saved-activation.ts";
export { type AtomTable, emitExpression, emitStep, type StepOf, type StepTable } from "./program/target.ts";
export { Scalar, scalar } from "./scalar/scalar.ts";
export type { Element, View } from "./tape/lowering.ts";
export { type ChoiceOptions, categorical, choice, shuffle } from "./tensor/choices.ts";
export { type ConvolutionOptions, convolution } from "./tensor/convolution.ts";
export { bincount, type HistogramOptions, histogram, nonZero, unique } from "./tensor/counting.ts";
export {
  arange,
  broadcastTogether,
  concat,
  eye,
  full,
  linspace,
  oneHot,
  ones,
  stack,
  type TensorOptions,
  type TypeOption,
  tensor,
  where,
  zeros,
} from "./tensor/creation.ts";
export {
  definePrimitive,
  defineSeveral,
  type Operand,
  type PrimitiveFunction,
  type PrimitiveStatement,
  type SeveralFunction,
  type SeveralStatement,
} from "./tensor/custom.ts";
export { exponential, gumbel, randomInteger, truncatedNormal } from "./tensor/draws.ts";
export { einsum } from "./tensor/einsum.ts";
export { guarded } from "./tensor/guarded.ts";
export { type Segmented, searchSorted, segmentSum } from "./tensor/lookup.ts";
export type { ElementParts, OwnLowering, Part } from "./tensor/own-lowering.ts";
export type { PaddingMode, WindowOptions } from "./tensor/padding.ts";
export { diag, fullLike, type GridOptions, meshgrid, onesLike, zerosLike } from "./tensor/patterns.ts";
export { averagePool, maxPool } from "./tensor/pooling.ts";
export {
  bernoulli,
  type DrawOptions,
  type Key,
  normal,
  permutation,
  randomKey,
  splitKey,
  uniform,
} from "./tensor/random.ts";
export type { AxisSlice } from "./tensor/slicing.ts";
export { type ReduceOptions, type Replaceable, type RunningOptions, Tensor } from "./tensor/tensor.ts";
export { type TransposedOptions, transposedConvolution } from "./tensor/transposed-convolution.ts";
export { Variable, type VariableOptions, variable } from "./tensor/variable.ts";
