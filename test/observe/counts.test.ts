import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { MAX_FAILURES } from '../../src/auth/lockout.ts';
import { StoreFailure } from '../../src/core/lead-store.ts';
import { PASSWORD } from '../service/lookup-fixture.ts';
import { PATH, queryFor, startFilledApp } from '../http/raw-socket.ts';
import { send, type TestApp } from '../support/test-app.ts';
import { parseExposition, sumOf, type Exposed } from './exposition-parser.ts';

const LOOKUPS = 'callercard_lookups_total';
const COUNT = 'callercard_lookup_duration_seconds_count';

async function metricsOf(url: string): Promise<ReadonlyMap<string, Exposed>> {
  const { status, headers, text } = await send(url, '/metrics');
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  return parseExposition(text);
}

describe('the metrics of an app', () => {
  let running: TestApp;
  before(async () => {
    running = await startFilledApp({ config: { rateLimit: 20 } });
  });
  after(() => running.close());

  const ask = (parameters: Readonly<Record<string, string>>) =>
    send(running.url, `${PATH}?${queryFor(parameters)}`);

  it('begin at zero, so that the first increase is seen', async () => {
    const metrics = await metricsOf(running.url);
    for (const result of ['found', 'credentials_invalid', 'rate_limited', 'store_unavailable']) {
      const samples = [...(metrics.get(LOOKUPS)?.samples ?? [])].filter(([series]) =>
        series.includes(`result="${result}"`),
      );
      assert.ok(samples.length > 0 && samples.every(([, value]) => value === 0), result);
    }
    assert.equal(sumOf(metrics, COUNT), 0);
  });

  it('5: count each result, lockout and password check exactly, with key and duration', async () => {
    const { store } = running;
    const times = async (count: number, parameters: Readonly<Record<string, string>>) => {
      for (let turn = 0; turn < count; turn += 1) await ask(parameters);
    };
    await times(3, { lead_id: '1' });
    await times(2, { phone_number: '5500000007' });
    await times(4, { lead_id: '99999' });
    await times(1, { phone_number: '5599998888' });
    await times(2, {});
    await times(1, { lead_id: 'many' });
    const account = store.accounts.read.bind(store.accounts);
    store.accounts.read = () => {
      throw new StoreFailure(new Error('gone'));
    };
    await times(2, { lead_id: '1' });
    store.accounts.read = () => {
      throw new Error('never');
    };
    await times(1, { lead_id: '1' });
    store.accounts.read = account;
    await times(MAX_FAILURES + 2, { goUser: 'stranger', lead_id: '1' });
    // No lookups: nobody was asked.
    await send(running.url, `${PATH}?responsetype=json`);
    await send(running.url, '/nowhere');

    const metrics = await metricsOf(running.url);
    const expected = {
      'key="lead_id",result="found"': 3,
      'key="phone_number",result="found"': 2,
      'key="lead_id",result="lead_not_found"': 4,
      'key="phone",result="phone_not_found"': 1,
      'key="none",result="parameters_missing"': 2,
      'key="none",result="parameter_malformed"': 1,
      'key="none",result="store_unavailable"': 2,
      'key="none",result="internal"': 1,
      'key="none",result="credentials_invalid"': MAX_FAILURES,
      'key="none",result="locked_out"': 2,
    };
    for (const [labels, count] of Object.entries(expected)) {
      assert.equal(sumOf(metrics, LOOKUPS, 'domain="default",endpoint="goapi"', labels), count, labels);
    }
    const all = Object.values(expected).reduce((sum, count) => sum + count, 0);
    assert.equal(sumOf(metrics, LOOKUPS), all, 'and nothing else');
    assert.equal(sumOf(metrics, COUNT, 'outcome="answered"'), 10);
    assert.equal(sumOf(metrics, COUNT, 'outcome="failed"'), 3);
    assert.equal(sumOf(metrics, COUNT), all);
    const ofDomain = (name: string) => sumOf(metrics, name, 'domain="default"');
    assert.equal(ofDomain('callercard_lockouts_total'), 1);
    assert.equal(ofDomain('callercard_cached_credentials'), 1);
    assert.equal(
      ofDomain('callercard_password_checks_total'),
      MAX_FAILURES + 1,
      'one of crm, the others wrong',
    );
    assert.equal(ofDomain('callercard_password_checks_pending'), 0);
    assert.equal(ofDomain('callercard_audit_failing'), 0);
    assert.equal(ofDomain('callercard_audit_lag_seconds'), 0);
    assert.ok(sumOf(metrics, 'callercard_lookup_duration_seconds_sum', 'outcome="answered"') > 0);
  });

  it('34: count lookups refused by the rate limit (429)', async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask({ lead_id: '2' })));
    const refused = answers.filter(({ status }) => status === 429).length;
    assert.ok(refused > 0);
    assert.equal(sumOf(await metricsOf(running.url), LOOKUPS, 'result="rate_limited"'), refused);
  });

  it('26: hold no name, address, number, id or password of anybody', async () => {
    const planted = 'planted-secret-name';
    await ask({ goUser: planted, phone_number: '5512345678' });
    await ask({ lead_id: '9876543' });
    await send(running.url, `${PATH}?${queryFor({ lead_id: '1', session_user: planted })}`, {
      headers: { 'user-agent': planted, cookie: planted },
    });
    await send(running.url, `/${planted}?goPass=${planted}`);
    const { text } = await send(running.url, '/metrics');
    // Without the values, in which any digits may come together.
    const series = text.replace(/ \S+$/gm, '');
    for (const secret of [
      planted,
      PASSWORD,
      'crm',
      'stranger',
      '5512345678',
      '5500000007',
      '9876543',
      '99999',
    ]) {
      assert.ok(!series.includes(secret), `the metrics hold ${secret}`);
    }
    assert.doesNotMatch(series, /127\.0\.0\.1|::1/);
  });

  it('include CPU time, memory, files and event loop delay of the process', async () => {
    const metrics = await metricsOf(running.url);
    assert.ok(sumOf(metrics, 'process_cpu_seconds_total') > 0);
    assert.ok(sumOf(metrics, 'process_resident_memory_bytes') > 10_000_000);
    assert.ok(sumOf(metrics, 'callercard_heap_used_bytes') > 1_000_000);
    const began = sumOf(metrics, 'process_start_time_seconds');
    assert.ok(Math.abs(Date.now() / 1000 - began) < 24 * 60 * 60, String(began));
    if (process.platform === 'linux') assert.ok(sumOf(metrics, 'process_open_fds') > 3);
    assert.equal(metrics.get('callercard_event_loop_delay_seconds')?.samples.size, 3);
    assert.equal(sumOf(metrics, 'callercard_workers', 'state="answering"'), 1);
    assert.equal(sumOf(metrics, 'callercard_lookups_in_flight'), 0);
  });
});
