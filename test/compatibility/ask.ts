import { send, type Answer } from '../support/test-app.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' } as const;

/** A user's name and password. */
export type User = readonly [name: string, password: string];

/** The documented request, as a POST. */
export function askDocumented(
  url: string,
  [goUser, goPass]: User,
  parameters: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const all = { goAction: 'goGetCustomerInfo', responsetype: 'json', goUser, goPass, ...parameters };
  const body = new URLSearchParams(all).toString();
  return send(url, '/goAPIv2/goAgent/goAPI.php', { method: 'POST', headers: { ...FORM, ...headers }, body });
}

/** A POST of JSON. */
export function postJson(
  url: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  return send(url, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}
