import { keyOf, type Call } from './call.ts';

/** The last call of each user that could not be passed on. */
export interface UnsentCalls {
  keep(call: Call): void;
  /** They are kept no longer. */
  takeAll(): readonly Call[];
  size(): number;
}

/** @param most users; of one more nothing is kept, of each of them always the newest */
export function createUnsentCalls(most: number): UnsentCalls {
  const calls = new Map<string, Call>();
  return {
    keep(call) {
      const before = calls.get(keyOf(call));
      if (before === undefined ? calls.size < most : before.at <= call.at) calls.set(keyOf(call), call);
    },
    takeAll() {
      const all = [...calls.values()];
      calls.clear();
      return all;
    },
    size: () => calls.size,
  };
}
