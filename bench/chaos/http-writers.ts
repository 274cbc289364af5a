import { startWriters } from '../../test/support/load/writers.ts';

/** Longer than any answer takes. */
const HANGS_MS = 30_000;

/**
 * Adds leads by `POST /v1/leads`, one after the other, whatever happens to the servers, until it is stopped.
 *
 * @param credentials user and password, with a colon between them
 */
export function startHttpWriters(url: string, credentials: string) {
  const headers = {
    authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
    'content-type': 'application/json',
  };
  return startWriters(async (name) => {
    const body = JSON.stringify({ list_id: 100, first_name: `Written ${name}` });
    const options = { method: 'POST', headers, body, signal: AbortSignal.timeout(HANGS_MS) };
    const answer = await fetch(`${url}/v1/leads`, options).catch(() => undefined);
    const text = await answer?.text().catch(() => '');
    const id: unknown = answer?.status === 201 ? idOf(text ?? '') : undefined;
    return typeof id === 'number' ? id : undefined;
  });
}

function idOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { readonly lead_id?: unknown }).lead_id;
  } catch {
    return undefined;
  }
}
