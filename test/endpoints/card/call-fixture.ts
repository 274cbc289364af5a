import assert from 'node:assert/strict';

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
