import { type ImportAnswers, type ImportProfile, readProfiles, signatureOf } from './import-profiles.ts';
import type { ImportNotice } from './import-words.ts';

/** What an import is told about its file, from flags and a profile. */
export interface ChosenAnswers {
  readonly answers: ImportAnswers;
  /** To be kept once the answers are known to fit the file. */
  readonly save: ImportProfile | undefined;
  /** For the person who did not say it: which profile was used. */
  readonly notice: ImportNotice | undefined;
}

/**
 * Takes the answers of the flags. With `--profile` they are kept under its name, and those that no flag gives are the profile's.
 * Without any flag about columns, a profile whose header is the file's is used.
 *
 * @param path the file of profiles; undefined: there is none
 * @throws {LeadFileFault} it cannot be read
 */
export function chooseAnswers(
  header: readonly string[],
  flags: ImportAnswers,
  profile: string | undefined,
  path: string | undefined,
): ChosenAnswers {
  if (path === undefined) return { answers: flags, save: undefined, notice: undefined };
  const signature = signatureOf(header);
  if (profile === undefined) {
    if (!isEmpty(flags)) return { answers: flags, save: undefined, notice: undefined };
    const same = readProfiles(path).find((kept) => kept.signature === signature);
    return {
      answers: same?.answers ?? flags,
      save: undefined,
      notice: same && { code: 'profileUsed', values: [same.name] },
    };
  }
  const kept = readProfiles(path).find(({ name }) => name === profile)?.answers;
  const answers = kept === undefined ? flags : merged(kept, flags);
  return { answers, save: { name: profile, signature, answers }, notice: undefined };
}

function isEmpty(flags: ImportAnswers): boolean {
  const { map, custom, ignore, ...others } = flags;
  return [map, custom, ignore].every((texts) => texts.length === 0) && !Object.values(others).some(Boolean);
}

/** A flag that is given replaces what the profile has of its kind. */
function merged(kept: ImportAnswers, flags: ImportAnswers): ImportAnswers {
  const given = Object.entries(flags).filter(([, value]) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined,
  );
  return { ...kept, ...Object.fromEntries(given) };
}
