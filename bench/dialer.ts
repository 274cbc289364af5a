/**
 * `npm run bench:dialer`: lookups a second on a dialer's MariaDB, beside the least that a server on the same connector
 * does; how many statements a lookup takes, and the plan of each.
 */
import { join } from 'node:path';

import { writeTable } from '../src/cli/table.ts';
import { startMariadb } from '../test/support/mariadb-server.ts';
import { createBenchDialer, DIALER_LEADS, dialerPhoneOf } from './dialer/data.ts';
import { explainLookups } from './dialer/explain.ts';
import { byLead, byPhone } from './lookups/requests.ts';
import { compare, writeComparison, type Contestant } from './measure.ts';

const TARGET = join(import.meta.dirname, 'dialer', 'target.ts');
/** The goal of callercard by lead_id, against the bare server. */
const GOAL = 0.5;
/** Statements of one lookup, at most; and a little for learning what the dialer has, which is counted, too. */
const STATEMENTS = 2;
const LEARNING = 0.05;

const server = await startMariadb({ args: ['--key-buffer-size=512M', '--max-connections=100'] });
try {
  const leads = { first: 1, count: DIALER_LEADS };
  await createBenchDialer(server);
  const contestant = (name: string, kind: string, target: Contestant['target']): Contestant => ({
    name,
    file: TARGET,
    args: [kind, server.host, String(server.port)],
    target,
  });
  const bare = contestant('bare node:http + one prepared statement', 'bare', byLead);
  const ours = contestant('callercard, by lead_id', 'callercard', byLead);
  const byNumber = contestant('callercard, by phone_number', 'callercard', (leadId) =>
    byPhone(dialerPhoneOf(leadId)),
  );
  const executed = new Map<Contestant, number>();

  const countStatements = async () => {
    const [row] = (await server.runRootSql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")) as {
      Value: string;
    }[];
    return Number(row?.Value);
  };
  let before = 0;
  const measured = await compare([bare, ours, byNumber], leads, async (one, answered) => {
    const now = await countStatements();
    if (answered !== undefined) executed.set(one, (executed.get(one) ?? 0) + now - before);
    before = now;
  });

  const resultOf = (one: Contestant) => measured.find((result) => result.contestant === one);
  const [base, reached] = [resultOf(bare), resultOf(ours)];
  if (base === undefined || reached === undefined) throw new Error('nothing was measured');
  const ratio = reached.perSecond / base.perSecond;
  process.stdout.write(
    `${writeComparison(measured, base, leads)}, half of them with a custom row; goal for lead_id: ${GOAL}, reached: ${ratio.toFixed(2)}\n\n`,
  );
  const perLookup = measured.map((result) => ({
    name: result.contestant.name,
    statements: (executed.get(result.contestant) ?? NaN) / result.requests,
  }));
  process.stdout.write(
    `${writeTable(
      ['server', 'statements per lookup'],
      perLookup.map(({ name, statements }) => [name, statements.toFixed(2)]),
    )}\n\n`,
  );
  const { text, scans } = await explainLookups(server);
  process.stdout.write(`${text}\n`);
  if (
    ratio < GOAL ||
    scans > 0 ||
    perLookup.some(({ statements }) => !(statements <= STATEMENTS + LEARNING))
  ) {
    process.exitCode = 1;
  }
} finally {
  await server.stop();
}
