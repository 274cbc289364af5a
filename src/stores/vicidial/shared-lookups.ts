import type { ListScope } from '../../core/lead.ts';
import type { Country, PhoneNumber } from '../../core/phone.ts';
import type { QueryByPhone } from '../../core/query.ts';
import type { SharedNumbers } from '../network/pool.ts';
import type { NumberPlace } from './number-places.ts';
import { listsOf, type Parameter, type Read, winnerOf } from './rows.ts';
import type { SchemaSnapshot } from './schema-cache.ts';
import { hasBlocks, numberParameters } from './stored-spellings.ts';

/** Reads the winner of a number that very many leads share. */
export function createReadShared(read: Read, country: Country, shared: SharedNumbers) {
  return (
    { statements: { searched, sharedWinners } }: SchemaSnapshot,
    { phone }: QueryByPhone,
    scope: ListScope,
  ): Promise<ReturnType<typeof winnerOf>> =>
    shared.run(phone.key, async () => {
      const statement = sharedWinners(scope !== 'every list');
      return winnerOf(
        searched,
        await read(statement, bindNumber(searched, phone, country, listsOf(scope))),
        0,
      );
    });
}

/** The lists that a user may see; a user who does not exist sees none. */
export async function readScope(
  read: Read,
  { searches: { userLists } }: SchemaSnapshot,
  user: Parameter,
): Promise<ListScope> {
  if (userLists === undefined) return 'every list';
  const rows = await read(userLists, [user]);
  if (rows.some(([seesAll]) => Number(seesAll) === 1)) return 'every list';
  return rows.flatMap(([, listId]) => (listId === null ? [] : [Number(listId)]));
}

/** For each place: its parameters, and the statement's others. */
export function bindNumber(
  searched: readonly NumberPlace[],
  phone: PhoneNumber,
  country: Country,
  others: readonly Parameter[],
): readonly Parameter[] {
  const { winner, match } = numberParameters(phone, country, hasBlocks(searched));
  return searched.flatMap((place) => [...winner(place), ...match(place), ...others]);
}
