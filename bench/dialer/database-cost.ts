import type { MariadbServer } from '../../test/support/mariadb-server.ts';
import type { Candidate } from '../measure.ts';
import { cpuOf } from '../measure/served.ts';

/** What the lookups of a round cost in the database. */
export interface DatabaseCost {
  /** Executed for a lookup. */
  readonly statements: number;
  /** CPU time of the server's process for a lookup. */
  readonly microseconds: number;
}

/** Counts statements and the database's CPU time in each round of a comparison; `onRound` is its hook. */
export function createDatabaseCosts(server: MariadbServer) {
  const costs = new Map<Candidate, DatabaseCost[]>();
  let before = { statements: 0, microseconds: 0 };

  async function read(): Promise<typeof before> {
    const [row] = (await server.runRootSql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")) as {
      Value: string;
    }[];
    return { statements: Number(row?.Value), microseconds: cpuOf([server.pid]) };
  }

  return {
    async onRound(candidate: Candidate, answered: number | undefined): Promise<void> {
      const now = await read();
      if (answered !== undefined) {
        const { statements, microseconds } = now;
        const cost = {
          statements: (statements - before.statements) / answered,
          microseconds: (microseconds - before.microseconds) / answered,
        };
        costs.set(candidate, [...(costs.get(candidate) ?? []), cost]);
      }
      before = now;
    },
    /** Of the last rounds: those before were the warm-up. */
    of: (candidate: Candidate, rounds: number): readonly DatabaseCost[] =>
      (costs.get(candidate) ?? []).slice(-rounds),
  };
}
