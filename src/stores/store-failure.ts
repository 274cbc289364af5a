import { StoreFailure } from '../core/lead-store.ts';

/** Does a request's work in the store; whatever goes wrong, at once or later, leaves it as a StoreFailure. */
export function withStoreFailure<Result>(work: () => Result): Result {
  let result: Result;
  try {
    result = work();
  } catch (cause) {
    throw new StoreFailure(cause);
  }
  if (!(result instanceof Promise)) return result;
  return result.catch((cause: unknown) => {
    throw new StoreFailure(cause);
  }) as Result;
}
