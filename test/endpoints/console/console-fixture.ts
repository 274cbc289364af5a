import { EVERY_RIGHT } from '../../../src/core/rights.ts';
import { makeCheapVerifier } from '../../service/lookup-fixture.ts';
import type { TestApp } from '../../support/test-app.ts';
import { type CardClient, createCardClient, startCardApp, tokenIn } from '../card/card-fixture.ts';

/** An admin. */
export const ADA = { name: 'Ada', password: 'planted-secret of Ada' } as const;

/** The app of the card's tests, with an admin. */
export async function startConsoleApp(...args: Parameters<typeof startCardApp>): Promise<TestApp> {
  const test = await startCardApp(...args);
  const verifier = makeCheapVerifier(ADA.password);
  await test.store.users.add({ name: ADA.name, verifier, rights: EVERY_RIGHT, lists: 'every list' });
  return test;
}

/** Somebody who has signed in at the console. */
export async function signInAtConsole(
  url: string,
  { name, password }: { readonly name: string; readonly password: string } = ADA,
  headers: Readonly<Record<string, string>> = {},
): Promise<CardClient> {
  const client = createCardClient(url);
  const token = tokenIn(await client.getOnce('/console', headers));
  await client.post('/console/sign-in', { token, user: name, password }, headers);
  return client;
}
