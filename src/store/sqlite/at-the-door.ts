import { StoreFailure } from '../../lead/lead-store.ts';

/** Does a request's work in the store; whatever goes wrong leaves it as a StoreFailure. */
export function atTheDoor<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw new StoreFailure(cause);
  }
}
