import type { AccountStore } from '../core/account-store.ts';
import { StoreFailure } from '../core/lead-store.ts';

/** What is known of a telephone. */
export interface FoundAgent {
  /** The name of the user who has it; undefined: nobody. */
  readonly user: string | undefined;
}

/**
 * Whose telephone an extension is: of the user who has it, else of the user whose name it is. For what reports calls by itself:
 * nobody is let in by it, and nothing else of the user is said.
 *
 * @returns undefined: it cannot be read now
 */
export function createFindAgent(accounts: () => AccountStore) {
  return async (extension: string): Promise<FoundAgent | undefined> => {
    try {
      const store = accounts();
      const owner = await store.readNameByExtension?.(extension);
      if (owner !== undefined) return { user: owner };
      const { account } = await store.read(extension);
      return { user: account?.active === true ? account.name : undefined };
    } catch (cause) {
      if (cause instanceof StoreFailure) return undefined;
      throw cause;
    }
  };
}
