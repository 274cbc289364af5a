import type { Store } from './store.ts';

/** The user of the documentation, which `callercard demo` makes: everybody knows the password. */
export const DEMO_USER = 'MyUser';
export const DEMO_PASSWORD = 'MyPass';

/**
 * Whether a store's user has the name and the password that the documentation has.
 *
 * @returns what is wrong, and what to do about it; undefined: there is none
 */
export async function findDemoUser({
  accounts,
}: Pick<Store, 'accounts'>): Promise<{ readonly message: string; readonly advice: string } | undefined> {
  const { account } = await accounts.read(DEMO_USER);
  if (account?.active !== true || !(await accounts.passwords.verify(DEMO_PASSWORD, account.verifier)))
    return undefined;
  const { name } = account;
  return {
    message: `${name} has the password of the demo, which is in the documentation: whoever reaches the server gets in by it`,
    advice: `callercard user remove ${name}, or give it another password (callercard user password ${name})`,
  };
}
