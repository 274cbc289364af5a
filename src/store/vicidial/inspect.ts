import type { Inspection } from '../../lead/inspection.ts';
import type { Dialer } from './dialer.ts';
import type { DialerConfig } from './dialer-address.ts';

export async function* inspectDialer(_config: DialerConfig, dialer: Dialer): AsyncGenerator<Inspection> {
  await dialer.read('SELECT 1', []);
  yield { level: 'ok', subject: 'database', message: 'answers' };
}
