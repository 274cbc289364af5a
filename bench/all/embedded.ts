import { embeddedCandidates } from '../lookups/candidates.ts';
import { ensureBenchStore, LEADS } from '../lookups/store.ts';
import { compare, doubtsOf, pairedRatio } from '../measure.ts';
import { createServerPool } from '../measure/servers.ts';
import { writeSpread } from '../measure/statistics.ts';
import { againstBare, type AskedShare } from './against-bare.ts';
import { growthStep, type PartReport } from './report.ts';

const CONNECTIONS = [1, 8, 32, 128, 512] as const;
/** For figures that are only shown. */
const SHOWN_ROUNDS = 3;

/** The embedded store, by every way in which one asks, against bare node:http + node:sqlite by lead_id. */
export async function measureEmbedded(): Promise<PartReport> {
  const { bare, lead, phone, xml, post } = embeddedCandidates(await ensureBenchStore(), LEADS);
  const asked: readonly AskedShare[] = [
    { what: 'embedded, by lead_id', candidate: lead, share: 0.8 },
    { what: 'embedded, by number in any spelling', candidate: phone, share: 0.75 },
    { what: 'embedded, XML', candidate: xml, share: 0.7 },
    { what: 'embedded, POST form', candidate: post, share: 0.7 },
  ];
  const pool = createServerPool();
  try {
    const reports: PartReport[] = [];
    for (const row of asked) reports.push(await againstBare(row, bare, pool));
    return {
      rows: reports.flatMap(({ rows }) => rows),
      notes: reports.flatMap(({ notes = [] }) => notes),
    };
  } finally {
    await pool.stop();
  }
}

/** What is only shown: a bare server that reads a form, too, and how a lookup's cost grows with connections. */
export async function measureConnections(): Promise<PartReport> {
  const { barePost, post, lead } = embeddedCandidates(await ensureBenchStore(), LEADS);
  const pool = createServerPool();
  try {
    const [base, reached] = await compare([barePost, post], { pool, rounds: SHOWN_ROUNDS });
    const ratio = writeSpread(pairedRatio(reached, base, 'perSecond'));
    const steps = CONNECTIONS.map((connections) => ({
      ...lead,
      name: `callercard, ${connections} connections`,
      connections,
    }));
    const measured = await compare(steps, { pool, rounds: SHOWN_ROUNDS, warmUpSeconds: 0 });
    return {
      rows: [],
      growth: measured.map((one, at) => growthStep('connections', String(CONNECTIONS[at]), one)),
      notes: [
        ...measured.flatMap(doubtsOf),
        `only shown: POST form against a bare server that reads a form, too: ${ratio}`,
      ],
    };
  } finally {
    await pool.stop();
  }
}
