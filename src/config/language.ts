import { processEnvironment } from './load.ts';

/**
 * The language of whoever runs a command, as the system has it (`es_MX.UTF-8`): two letters in lower case.
 *
 * @returns undefined: the environment names none
 */
export function languageOfEnvironment(environment = processEnvironment()): string | undefined {
  // Of these the first that is set decides (POSIX, 8.2).
  const { LC_ALL, LC_MESSAGES, LANG } = environment;
  const set = [LC_ALL, LC_MESSAGES, LANG].find((value) => value !== undefined && value !== '');
  return /^([a-z]{2})(?![a-z])/i.exec(set ?? '')?.[1]?.toLowerCase();
}
