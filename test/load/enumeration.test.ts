import assert from 'node:assert/strict';
import { it } from 'node:test';

import { PATH, queryFor, startFilledApp, LEADS } from '../http/raw-socket.ts';
import { runClients } from '../support/load/clients.ts';
import { send } from '../support/test-app.ts';
import { createWatchedLog } from '../support/watched-log.ts';

const IDS = 10_000;
/** The defaults: 100 until it is noticed, a hundred seconds' worth at once, and then ten a second. */
const [AT_ONCE, PER_SECOND] = [1_100, 10];

it('15: reading 10,000 ids one after the other is throttled (429), logged once and counted in a metric', async (t) => {
  const { log, lines } = createWatchedLog();
  log.level = 'warn';
  const running = await startFilledApp({ log, config: { rateLimit: 1_000_000 } });
  t.after(() => running.close());
  const targetOf = (leadId: number) => `${PATH}?${queryFor({ lead_id: String(leadId) })}`;
  const targets = Array.from({ length: IDS }, (_, at) => targetOf(1 + at));
  const [{ answered, refused, limited, wrong, wrongWords, seconds }] = await runClients({
    url: running.url,
    connections: 8,
    // It ends with the last id; only a machine that stands still would need a minute.
    seconds: 60,
    perSecond: 5_000,
    targets,
    order: 'once',
  });

  assert.equal(wrong, 0, wrongWords.join('; '));
  assert.equal(answered.count, LEADS, 'found leads');
  const granted = answered.count + refused.count;
  assert.ok(granted >= AT_ONCE && granted <= AT_ONCE + (seconds + 1) * PER_SECOND, `${granted} granted`);
  assert.equal(limited.count, IDS - granted);

  const warnings = lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ level }) => level === 40);
  assert.equal(warnings.length, 1, 'lines of the level warn');
  const { user, address, result, msg } = warnings[0] ?? {};
  assert.deepEqual([user, address, result], ['crm', '127.0.0.1', 'rate_limited']);
  assert.match(String(msg), /enumerating lead ids and is throttled/);
  const { text } = await send(running.url, '/metrics', { headers: { host: 'localhost' } });
  assert.match(text, new RegExp(`^callercard_enumeration_refused_total\\{.*\\} ${limited.count}$`, 'm'));

  const other = await send(running.url, `${PATH}?${queryFor({ phone_number: '5500000007' })}`);
  assert.equal(other.status, 200, 'what is no step of the walk is answered as ever');
});
