import { dialerCandidates } from '../dialer/candidates.ts';
import { startBenchDialer, stopBenchDialer } from '../dialer/server.ts';
import { embeddedCandidates } from '../lookups/candidates.ts';
import { ensureBenchStore, LEADS } from '../lookups/store.ts';
import { compare, pairedRatio, type Candidate, type Measured } from '../measure.ts';
import { createServerPool } from '../measure/servers.ts';
import { againstBare } from './against-bare.ts';
import { atLeast, atMost, growthStep, type GrowthStep, type PartReport, type ReportRow } from './report.ts';

export const FEW = 10_000;
export const MANY = 10_000_000;
const SIZES = [FEW, LEADS, MANY] as const;

const THROUGHPUT = 0.9;
const P99_TIMES = 1.2;

/** The cost of a lookup in the embedded store, by the number of leads. */
export async function measureSizes(): Promise<PartReport> {
  const candidates: Candidate[] = [];
  for (const leads of SIZES)
    candidates.push(halfByNumber(embeddedCandidates(await ensureBenchStore(leads), leads)));
  const measured = await compare(candidates);
  return { rows: sizeRows('embedded', measured), growth: sizeSteps('embedded', measured) };
}

/** A dialer's MariaDB: against bare node:http with the same statements, and by the number of leads. */
export async function measureDialer(): Promise<PartReport> {
  const dialers = [];
  const pool = createServerPool();
  try {
    for (const leads of SIZES) dialers.push({ leads, server: await startBenchDialer(leads) });
    const candidates = dialers.map(({ leads, server }) => dialerCandidates(server, leads));
    const [, usual] = candidates;
    if (usual === undefined) throw new Error('there is no dialer');
    const asked = { what: 'MariaDB, half with a custom row', candidate: usual.lead, share: 0.7 };
    const { rows } = await againstBare(asked, usual.bare, pool);
    const measured = await compare(candidates.map(halfByNumber), { pool });
    return {
      // The clients and the database share a core here: which of them is the bottleneck does not matter here.
      rows: [...rows, ...sizeRows('MariaDB', measured)],
      growth: sizeSteps('MariaDB', measured),
    };
  } finally {
    await pool.stop();
    for (const { server } of dialers) await stopBenchDialer(server);
  }
}

/** Every second lookup is by number, in any spelling where the store is embedded. */
function halfByNumber({ lead, phone }: { readonly lead: Candidate; readonly phone: Candidate }): Candidate {
  const { count } = lead.leads;
  return {
    ...lead,
    name: `${lead.name} or number, ${count.toLocaleString('en')} leads`,
    target: (leadId) => (Math.random() < 0.5 ? lead : phone).target(leadId),
  };
}

function sizeRows(store: string, [few, , many]: readonly Measured[]): readonly ReportRow[] {
  if (few === undefined || many === undefined) throw new Error('nothing was measured');
  const what = `${store}, 10,000,000 leads against 10,000`;
  return [
    atLeast(`${what}: lookups a second`, THROUGHPUT, pairedRatio(many, few, 'perSecond')),
    atMost(`${what}: p99 at full load`, P99_TIMES, pairedRatio(many, few, 'p99'), {
      beside: `${many.of('p99').toFixed(2)} and ${few.of('p99').toFixed(2)} ms`,
    }),
  ];
}

function sizeSteps(store: string, measured: readonly Measured[]): readonly GrowthStep[] {
  return measured.map((one) => growthStep(store, one.candidate.leads.count.toLocaleString('en'), one));
}
