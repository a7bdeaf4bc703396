// When two steps are equal: where their primitives, operands and attributes are the same.

const names = new WeakMap<object, number>();
let count = 0;

/** A number for an object: always the same for one object. */
export function nameOf(object: object): number {
  let name = names.get(object);
  if (name === undefined) names.set(object, (name = count++));
  return name;
}

/** Attributes as text: plain data by its content, anything else by its identity. */
export function keyOf(attributes: unknown, around: readonly object[] = []): string {
  switch (typeof attributes) {
    case "string":
      return JSON.stringify(attributes);
    case "number":
      return Object.is(attributes, -0) ? "-0" : `${attributes}`;
    case "bigint":
      return `${attributes}n`;
    case "symbol":
      // Not every JavaScript engine takes symbols as keys of a weak map, so every symbol counts as different.
      return `#${count++}`;
    case "function":
      return `#${nameOf(attributes)}`;
    case "object": {
      if (attributes === null) return "null";
      const inside = (value: unknown) => keyOf(value, [...around, attributes]);
      const prototype: unknown = Object.getPrototypeOf(attributes);
      // An object that holds itself would have no end as text.
      if (around.includes(attributes)) return `#${nameOf(attributes)}`;
      if (Array.isArray(attributes)) return `[${attributes.map(inside).join()}]`;
      if (prototype !== Object.prototype && prototype !== null) return `#${nameOf(attributes)}`;
      return `{${Object.entries(attributes)
        .map(([key, value]) => `${JSON.stringify(key)}:${inside(value)}`)
        .join()}}`;
    }
    case "boolean":
    case "undefined":
      return `${attributes}`;
  }
}
