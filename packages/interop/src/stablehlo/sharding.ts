// How tensors are split over a mesh of devices: what one may say, what must hold of it, and its text in Shardy's words.

/** The axes of a mesh of devices by name, each with its size: `{ data: 4, model: 2 }` is 8 devices. */
export type Mesh = Readonly<Record<string, number>>;

/**
 * How a tensor is split over a mesh: for each of its axes the axis of the mesh over which it is split; several, the major one
 * first; or null where every device has the whole axis. `["data", null]` splits the rows of a matrix.
 */
export type Sharding = readonly (string | readonly string[] | null)[];

/** A tensor, as errors call it. */
export interface Described {
  /** For example `input "x"`. */
  readonly what: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

const quoted = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(", ");

/** The mesh axes of one entry. */
const axesOf = (entry: Sharding[number]): readonly string[] =>
  entry === null ? [] : typeof entry === "string" ? [entry] : entry;

/** How many devices a mesh has. */
export const devicesOf = (mesh: Mesh): number => Object.values(mesh).reduce((product, n) => product * n, 1);

/** The sharding of a tensor of which every device has the whole. */
export const whole = (shape: readonly number[]): Sharding => shape.map(() => null);

/** How many parts the axes of a tensor have. */
export const partsOf = (mesh: Mesh, sharding: Sharding): number[] =>
  sharding.map((entry) => axesOf(entry).reduce((product, axis) => product * mesh[axis]!, 1));

/** Throws TypeError or RangeError for a mesh that is none. */
export function checkMesh(operation: string, mesh: Mesh): void {
  const axes = Object.entries(mesh);
  if (axes.length === 0)
    throw new RangeError(`${operation}: the mesh has no axes; name them, with sizes: { mesh: { data: 8 } }`);
  for (const [name, size] of axes) {
    if (!/^[A-Za-z_]\w*$/.test(name))
      throw new RangeError(
        `${operation}: ${JSON.stringify(name)} can't name an axis of the mesh; use letters, digits and _, with no digit in front`,
      );
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(
        `${operation}: the mesh's axis ${JSON.stringify(name)} has size ${size} and must have a whole number of devices, 1 or more`,
      );
  }
}

/** Throws TypeError or RangeError for a sharding that a tensor can't have. */
export function checkSharding(operation: string, mesh: Mesh, sharding: Sharding, tensor: Described): void {
  const { what, dtype, shape } = tensor;
  const refuse = (why: string): never => {
    throw new RangeError(
      `${operation}: the sharding ${JSON.stringify(sharding)} of ${what}, ${dtype} [${shape.join(", ")}], ${why}`,
    );
  };
  if (!Array.isArray(sharding))
    throw new TypeError(
      `${operation}: the sharding of ${what} is ${JSON.stringify(sharding)} and must be an array, e.g. ["data", null]`,
    );
  if (sharding.length !== shape.length)
    refuse(
      `has ${sharding.length} entries and the tensor ${shape.length} axes; give one for each axis, null for an axis that stays whole`,
    );
  const used = new Map<string, number>();
  sharding.forEach((entry: Sharding[number], axis) => {
    for (const name of axesOf(entry)) {
      if (typeof name !== "string" || !Object.hasOwn(mesh, name))
        refuse(
          `names ${JSON.stringify(name)}, which is no axis of the mesh; it has ${quoted(Object.keys(mesh))}`,
        );
      const before = used.get(name);
      if (before !== undefined)
        refuse(
          `uses the mesh's axis ${JSON.stringify(name)} twice, for axes ${before} and ${axis}; a device has one place on it, so it can split one axis only`,
        );
      used.set(name, axis);
    }
    const parts = partsOf(mesh, [entry])[0]!;
    if (shape[axis]! % parts !== 0)
      refuse(
        `splits axis ${axis} in ${parts} parts, and ${shape[axis]} is no multiple of ${parts}; choose such a size, or split another axis`,
      );
  });
}

/** The line that declares a mesh. */
export const meshText = (mesh: Mesh): string =>
  `sdy.mesh @mesh = <[${Object.entries(mesh)
    .map(([name, size]) => `"${name}"=${size}`)
    .join(", ")}]>`;

/** A sharding without the name of its attribute: `<@mesh, [{"data"}, {}]>`. */
export const shardingText = (sharding: Sharding): string =>
  `<@mesh, [${sharding.map((entry) => `{${quoted(axesOf(entry))}}`).join(", ")}]>`;
