import { StoreFailure } from '../core/lead-store.ts';

/** Does a request's work in a store; whatever goes wrong leaves it as a StoreFailure. */
export async function withStoreFailure<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw new StoreFailure(cause);
  }
}
