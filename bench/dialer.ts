/**
 * `npm run bench:dialer`: lookups a second on a dialer's MariaDB, beside the least that a server on the same connector
 * does; how many statements a lookup takes, and the plan of each.
 */
import { writeTable } from '../src/process/terminal.ts';
import { dialerCandidates } from './dialer/candidates.ts';
import { explainLookups } from './dialer/explain.ts';
import { startBenchDialer, stopBenchDialer } from './dialer/server.ts';
import { LEADS } from './lookups/store.ts';
import { compare, pairedRatio, writeComparison, type Candidate } from './measure.ts';

/** The goal of callercard by lead_id, against the bare server. */
const GOAL = 0.7;
/** Statements of one lookup, at most; and a little for learning what the dialer has, which is counted, too. */
const STATEMENTS = 2;
const LEARNING = 0.05;

const server = await startBenchDialer(LEADS);
try {
  const { bare, lead, phone } = dialerCandidates(server, LEADS);
  const executed = new Map<Candidate, number>();
  const countStatements = async () => {
    const [row] = (await server.runRootSql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")) as {
      Value: string;
    }[];
    return Number(row?.Value);
  };
  let before = 0;
  const measured = await compare([bare, lead, phone], {
    async onRound(one, answered) {
      const now = await countStatements();
      if (answered !== undefined) executed.set(one, (executed.get(one) ?? 0) + now - before);
      before = now;
    },
  });
  const [base, reached] = measured;
  const ratio = pairedRatio(reached, base, 'perSecond').median;
  process.stdout.write(
    `${writeComparison(measured, base)}, half of them with a custom row; goal for lead_id: ${GOAL}, reached: ${ratio.toFixed(2)}\n\n`,
  );
  const perLookup = measured.map(({ candidate, requests }) => ({
    name: candidate.name,
    statements: (executed.get(candidate) ?? NaN) / requests,
  }));
  process.stdout.write(
    `${writeTable(
      ['server', 'statements per lookup'],
      perLookup.map(({ name, statements }) => [name, statements.toFixed(2)]),
    )}\n\n`,
  );
  const { text, scans } = await explainLookups(server);
  process.stdout.write(`${text}\n`);
  const hasMore = perLookup.some(({ statements }) => !(statements <= STATEMENTS + LEARNING));
  if (ratio < GOAL || scans > 0 || hasMore) process.exitCode = 1;
} finally {
  await stopBenchDialer(server);
}
