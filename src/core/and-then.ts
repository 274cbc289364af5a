/**
 * Goes on with a value as soon as it is there. What is known already must not wait for a turn of the microtasks: a lookup
 * goes through a dozen of such steps, and each promise that is not made is a third of a microsecond.
 */
export function andThen<Value, Result>(
  value: Value | Promise<Value>,
  goOn: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> {
  return value instanceof Promise ? value.then(goOn) : goOn(value);
}
