import assert from 'node:assert/strict';

import type { OwnStore } from '../../../src/core/store.ts';
import { basic } from '../../support/authorization.ts';
import { openEvents, type EventStream } from '../../support/event-stream.ts';
import { send } from '../../support/test-app.ts';
import type { CardClient } from './card-fixture.ts';

/**
 * Tells a call, as a PBX does.
 *
 * @returns the call's id
 */
export async function notifyCall(
  url: string,
  call: Readonly<Record<string, unknown>>,
  credentials = basic('MyUser', 'MyPass'),
): Promise<string> {
  const headers = { ...credentials, 'content-type': 'application/json' };
  const body = JSON.stringify(call);
  const { status, text } = await send(url, '/v1/calls', { method: 'POST', headers, body });
  assert.equal(status, 202, text);
  return (JSON.parse(text) as { call: string }).call;
}

/** What an open card of a client hears. */
export function hearCalls(
  url: string,
  { cookies }: Pick<CardClient, 'cookies'>,
  query = '',
  headers: Readonly<Record<string, string>> = {},
): Promise<EventStream> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return openEvents(url, `/card/events${query}`, { cookie, ...headers });
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Calls and notes of the days before: several of one lead, and one of another. */
export async function fillPast(
  { accounts, calls, records }: Pick<OwnStore, 'accounts' | 'calls' | 'records'>,
  leadId: number,
  otherId: number,
): Promise<void> {
  const { account } = await accounts.read('Carla');
  assert.ok(account);
  const by = { source: 'api', account: account.id, user: account.name, mayBegin: true } as const;
  const inbound = { ...by, leadId, direction: 'inbound', line: 'Ventas' } as const;
  const outbound = { ...by, leadId, direction: 'outbound', line: 'Cobranza' } as const;
  const now = Date.now();
  const past = [
    [{ ...inbound, leadId: otherId, at: now - 40 * DAY_MS, outcome: 'NI' }, undefined],
    [{ ...inbound, at: now - 400 * DAY_MS, outcome: 'INFO' }, 'Preguntó por el plan oro. '.repeat(30)],
    [{ ...outbound, at: now - 9 * DAY_MS, outcome: 'NA' }, undefined],
    [{ ...inbound, at: now - 3 * DAY_MS, outcome: 'CALLBK' }, 'Wants to hear of the renewal on Monday.'],
  ] as const;
  for (const [report, note] of past) {
    const kept = await calls.report({ ...report, state: 'ended' });
    assert.ok(kept);
    if (note !== undefined) await calls.amend(kept.call.callId, { note, at: report.at });
  }
  await records.addNote(leadId, 'Mandar la póliza\npor correo.', {
    user: 'Edith',
    endpoint: 'card',
    requestId: 'r-1',
  });
}
