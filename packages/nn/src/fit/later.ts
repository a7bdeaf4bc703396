// What comes later: promises, and whatever else has a `then`.

/** Whether a value comes later, as what async functions return does. */
export const isLater = <T>(given: T | PromiseLike<T>): given is PromiseLike<T> =>
  typeof (given as Partial<PromiseLike<T>> | null | undefined)?.then === "function";
