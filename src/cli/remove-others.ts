import type { ImportRun } from '../core/lead-archive.ts';
import type { ImportTally } from '../files/import-lead-file.ts';
import { CommandFailure } from '../process/exit-code.ts';
import { inPieces } from './in-pieces.ts';

/** So many leads of a list may go whatever their share. */
const FEW = 10;

export interface RemovalOptions {
  /** The only list from which leads are removed, where the command names one. */
  readonly list?: number | undefined;
  /** More than half of a list may go. */
  readonly replaceMost?: boolean | undefined;
}

/**
 * Removes whoever of the lists is not in the file; of a list that the command names, and not of those that a mistyped cell
 * names.
 *
 * @param named the lists that the file's rows named
 * @param tally its `removed` is counted up batch by batch
 * @returns how many were removed, by list; none for lists of which nobody was
 * @throws {CommandFailure} it would be more than half of a list, before anybody is removed
 */
export async function removeOthers(
  run: ImportRun,
  named: ReadonlySet<number>,
  tally: ImportTally,
  { list, replaceMost = false }: RemovalOptions,
): Promise<ReadonlyMap<number, number>> {
  const lists = list === undefined ? named : new Set([list].filter((each) => named.has(each)));
  const counts = await run.countOthers(lists);
  const most = [...counts].filter(([, { before, others }]) => others > FEW && others * 2 > before);
  if (most.length > 0 && !replaceMost) {
    const lost = most.map(
      ([listId, { before, others }]) => `${others} of the ${before} leads of list ${listId}`,
    );
    throw new CommandFailure(
      `nothing was changed: --replace would remove ${lost.join(', ')}, more than half; look whether the file is whole, and say --replace-most if they are to go`,
    );
  }
  await inPieces(run.removeOthers(lists), (removed) => {
    tally.removed = removed;
  });
  return new Map([...counts].flatMap(([listId, { others }]) => (others > 0 ? [[listId, others]] : [])));
}
