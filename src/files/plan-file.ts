import { chooseAnswers } from './choose-answers.ts';
import { planColumns } from './header.ts';
import type { ImportAnswers } from './import-profiles.ts';
import type { LeadSource } from './lead-source.ts';
import { lookThrough } from './look-through.ts';

/** What is said about a file's columns. */
export interface PlanFlags extends ImportAnswers {
  /** For rows that name none. */
  readonly list?: number | undefined;
  /** The name under which the answers are kept. */
  readonly profile?: string | undefined;
}

/**
 * Finds out what the columns of a file are, with what a profile knows of its header.
 *
 * @param profiles the file of profiles; undefined: there is none
 * @returns also the flags with the answers of the profile, and what is to be kept of them
 * @throws {LeadFileFault} the profiles cannot be read
 */
export async function planFile<Flags extends PlanFlags>(
  source: LeadSource,
  flags: Flags,
  { profiles, signal }: { readonly profiles?: string | undefined; readonly signal: AbortSignal },
) {
  const { answers, save, notice } = chooseAnswers(source.header, answersOf(flags), flags.profile, profiles);
  const options = { ...flags, ...answers };
  const content = await lookThrough(source, signal);
  const asked = { ...options, format: options.format ?? source.format };
  const planned = planColumns(source.header, asked, options.list !== undefined, content);
  return { options, content, planned, save, notices: notice === undefined ? [] : [notice] };
}

/** The flags that a profile keeps. */
function answersOf(flags: ImportAnswers): ImportAnswers {
  const { map, custom, ignore, dates, format, ignoreUnknown, strict, key } = flags;
  return { map, custom, ignore, dates, format, ignoreUnknown, strict, key };
}
