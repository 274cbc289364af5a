import { readFileSync } from 'node:fs';

import { isObject } from '../core/is-object.ts';
import { whyUnreadable } from '../core/problem.ts';
import { settingNamed } from './settings.ts';

export const NO_FILE = { texts: {}, domains: undefined };

/**
 * Reads a config file; what is wrong with it is added to `problems`.
 *
 * @returns settings by the names that the file uses, each as it would be written in a flag; and what stands under `domains`,
 *   undefined where nothing does
 */
export function readConfigFile(
  path: string,
  problems: string[],
): { readonly texts: Readonly<Record<string, string>>; readonly domains: unknown } {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8').replace(/^\ufeff/, ''));
  } catch (cause) {
    const fault = cause instanceof SyntaxError ? `is no JSON: ${cause.message}` : whyUnreadable(cause);
    problems.push(`the config file ${path} ${fault}`);
    return NO_FILE;
  }
  if (!isObject(content)) {
    problems.push(`the config file ${path} must hold one JSON object of settings`);
    return NO_FILE;
  }
  const { domains, ...values } = content;
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const text = textOf(value);
    if (settingNamed(name) === undefined) {
      problems.push(`${name} (file ${path}) is no setting; "callercard settings" lists them all`);
    } else if (text === undefined) {
      problems.push(`${name} (file ${path}) ${NO_TEXT}`);
    } else {
      texts[name] = text;
    }
  }
  return { texts, domains };
}

/** The fault of a value that `textOf` cannot write as a text. */
export const NO_TEXT = 'must be a text, a number, true, false or a list of texts';

/** A value of the file as it is written in a flag; undefined: it has no such form. */
export function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === 'string') ? value.join(',') : undefined;
  }
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}
