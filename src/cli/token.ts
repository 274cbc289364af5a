import type { Command } from 'commander';

import { endingOf, makeTokenSecret } from '../auth/secrets.ts';
import type { TokenEntry } from '../core/credential-store.ts';
import { EXIT, wrongUse } from '../process/exit-code.ts';
import { dayOf, printable, writeTable } from '../process/terminal.ts';
import { MOST_TOKEN_DAYS, planCreateToken, planRevokeToken } from '../service/token-acts.ts';
import { runPlan } from './account-act.ts';
import { openCommandStore, withStore } from './command-store.ts';
import { readLists } from './lists-flag.ts';
import { DEFAULT_SCOPE, readScope, writeRights } from './rights.ts';
import { ACCOUNT_SETTINGS, addDomainFlags, type CommandHost, configOfDomain } from './settings-flags.ts';
import { accountWords } from './words/account.ts';

interface CreateOptions {
  readonly expires?: string;
  readonly lists?: string;
  readonly scope: string;
  readonly json?: boolean;
}

export function addToken(program: Command, host: CommandHost): void {
  const token = program
    .command('token')
    .description(
      'Tokens for programs and phones: each replaces name and password and is revocable on its own.',
    );
  addCreate(token, host);
  addList(token, host);
  addRevoke(token, host);
}

function addCreate(token: Command, { terminal, run }: CommandHost): void {
  const command = token
    .command('create')
    .description('Makes a token and prints its secret, only this once: the store keeps a digest.')
    .argument('<name>', 'by which log, audit and "token revoke" know it')
    .option('--expires <when>', 'days from now (90d) or a date (2027-12-31); default: a year')
    .option('--lists <ids>', 'only leads of these lists (1,2,3); default: every list')
    .option(
      '--scope <scope>',
      'what it opens: read (what /v1 reads), edit, calls (notifying calls), separated by commas; or caller-id alone: only who a caller is (name, city, status), for phones that send it in a URL',
      DEFAULT_SCOPE,
    )
    .option('--json', 'as JSON');
  addDomainFlags(command, ACCOUNT_SETTINGS).action((name: string, options: CreateOptions) =>
    run(async () => {
      const now = Date.now();
      const making = { secret: makeTokenSecret(), createdAt: now };
      const token = {
        name,
        rights: readScope(options.scope, terminal),
        lists: readLists(options.lists),
        expiresAt: expiryOf(options.expires, now),
      };
      const domain = configOfDomain(options, terminal);
      await withStore(openCommandStore(domain), async (store) =>
        runPlan(domain, await planCreateToken(store, token, making)),
      );
      const { secret } = making;
      const entry = { ...token, createdAt: now, ending: endingOf(secret) };
      if (options.json === true) terminal.json({ ...shown({ ...entry, isRevoked: false }, now), secret }, 2);
      else {
        terminal.out(secret);
        terminal.err(accountWords().tokenMade(name, dayOf(entry.expiresAt)));
      }
      return EXIT.ok;
    }),
  );
}

function addList(token: Command, { terminal, run }: CommandHost): void {
  const command = token
    .command('list')
    .description('Lists the tokens, never their secrets.')
    .option('--json', 'as JSON');
  addDomainFlags(command, ACCOUNT_SETTINGS).action((options: { json?: boolean }) =>
    run(async () => {
      const store = openCommandStore(configOfDomain(options, terminal));
      const entries = await withStore(store, async ({ tokens, credentials }) => {
        // As a server judges them: by the calendar, but never before a time that the store has seen.
        const now = Math.max(Date.now(), credentials.now());
        return (await tokens.list()).map((entry) => shown(entry, now));
      });
      const words = accountWords();
      if (options.json === true) terminal.json(entries, 2);
      else if (entries.length === 0) terminal.out(words.noTokens);
      else {
        const rows = entries.map(({ name, scope, lists, state, expires, ending }) => [
          printable(name),
          scope,
          lists === 'every list' ? words.everyList : lists.join(', '),
          words.tokenStates[state],
          expires,
          `…${ending}`,
        ]);
        terminal.out(writeTable(words.tokenColumns, rows));
      }
      return EXIT.ok;
    }),
  );
}

function addRevoke(token: Command, { terminal, run }: CommandHost): void {
  const command = token
    .command('revoke')
    .description('Refuses a token for good, from the next request on.')
    .argument('<name>');
  addDomainFlags(command, ACCOUNT_SETTINGS).action((name: string, options: Record<string, unknown>) =>
    run(() => {
      const domain = configOfDomain(options, terminal);
      return withStore(openCommandStore(domain), async ({ tokens }) => {
        await runPlan(domain, await planRevokeToken(tokens, name));
        terminal.err(accountWords().tokenRevoked(printable(name)));
        return EXIT.ok;
      });
    }),
  );
}

function shown(entry: Omit<TokenEntry, 'id'>, now: number) {
  const { name, lists, expiresAt, createdAt, isRevoked, ending } = entry;
  const scope = writeRights(entry.rights);
  const state: 'good' | 'expired' | 'revoked' = isRevoked ? 'revoked' : expiresAt <= now ? 'expired' : 'good';
  const [expires, created] = [new Date(expiresAt).toISOString(), new Date(createdAt).toISOString()];
  return { name, scope, lists, state, expires, created, ending };
}

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_DAYS = 365;

/**
 * When something ends that lasts so long.
 *
 * @param when `90d`, or a date such as `2027-12-31`, which is its end in UTC; undefined: a year
 * @param now milliseconds of the wall clock, as what is returned
 * @throws {CommandFailure} it is neither, not in the future, or too far in it
 */
function expiryOf(when: string | undefined, now: number): number {
  const at = readExpiry(when ?? `${DEFAULT_DAYS}d`, now);
  if (at !== undefined && at > now && at <= now + MOST_TOKEN_DAYS * DAY_MS) return at;
  throw wrongUse(
    `--expires takes days from now (90d) or a date to come (2027-12-31), within ten years, not "${printable(when ?? '')}"`,
  );
}

function readExpiry(when: string, now: number): number | undefined {
  const [, days] = /^(\d{1,5})d$/.exec(when) ?? [];
  if (days !== undefined) return now + Number(days) * DAY_MS;
  if (!/^\d{4}-\d\d-\d\d$/.test(when)) return undefined;
  const begin = Date.parse(`${when}T00:00:00Z`);
  // `2027-02-31` is read as a day in March.
  const isDate = !Number.isNaN(begin) && new Date(begin).toISOString().startsWith(when);
  return isDate ? begin + DAY_MS : undefined;
}
