import { recorded } from '../../test/connectors/asterisk/scenes.ts';
import { fillOwn } from '../../test/stores/described-store.ts';
import { startFakeManager } from '../../test/support/fake-manager.ts';
import { startTestApp, temporaryFolder } from '../../test/support/test-app.ts';
import { until } from '../../test/support/until.ts';
import { type OpenPage, timePaints } from './painted.ts';

const ROUNDS = 30;
const SECRET = 'of the manager';
const AGENT = { name: 'ana', password: 'sees cards' } as const;
/** In turn, so that each pop changes the card; the first is the caller of the recorded call. */
const CALLERS = [
  { lead_id: 7, first_name: 'Macias', phone_number: '3311110001' },
  { lead_id: 8, first_name: 'Guadalupe', phone_number: '3311110002' },
] as const;

/** Milliseconds from the manager's event that a telephone rings to the painted card, in order. */
export async function measureAsteriskPaint(open: OpenPage): Promise<readonly number[]> {
  const manager = await startFakeManager({ secret: SECRET });
  const address = { host: '127.0.0.1', port: manager.port, user: 'callercard', secret: SECRET } as const;
  const app = await startTestApp(
    temporaryFolder(),
    (store) =>
      fillOwn(store, {
        lists: [{ list_id: 1, name: 'one' }],
        leads: CALLERS.map((caller) => ({ ...caller, list_id: 1 })),
        users: [AGENT],
      }),
    { config: { asterisk: { ...address, tls: 'off' }, agents: [{ extension: '1001', user: 'ana' }] } },
  );
  try {
    await until('logged in', () => manager.sessions === 1);
    const page = await open(app.url, AGENT);
    return await timePaints(page, ROUNDS, (round) => {
      const events = eventsOf(round);
      return Promise.resolve(() => {
        manager.say(events);
        return Promise.resolve();
      });
    });
  } finally {
    await app.close();
    await manager.close();
  }
}

/** Of a call that rings, another one each time. */
function eventsOf(round: number): string {
  const [rings = ''] = recorded('extension-answered')
    .replace(/^[^]*?\n\n/, '')
    .split(/(?<=DialStatus: RINGING\n\n)/);
  const { phone_number: number } = CALLERS[round % 2 === 0 ? 0 : 1];
  return rings.replaceAll('1795905', String(1_795_900 + round)).replaceAll('3311110001', number);
}
