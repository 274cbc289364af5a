import { readFileSync } from 'node:fs';

import { isObject } from '../core/is-object.ts';
import { whyUnreadable } from '../core/problem.ts';
import { type SettingName, settingNamed, takesObject } from './settings.ts';

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
    const setting = settingNamed(name);
    const text = textOf(value, setting);
    if (setting === undefined) {
      problems.push(`${name} (file ${path}) is no setting; "callercard settings" lists them all`);
    } else if (text === undefined) {
      problems.push(`${name} (file ${path}) ${noText(setting)}`);
    } else {
      texts[name] = text;
    }
  }
  return { texts, domains };
}

/** The fault of a value that `textOf` cannot write as a text. */
export function noText(setting: SettingName | undefined): string {
  return setting !== undefined && takesObject(setting)
    ? 'must be a text, or an object of texts without commas'
    : 'must be a text, a number, true, false or a list of texts';
}

/** A value of the file as it is written in a flag; undefined: it has no such form. */
export function textOf(value: unknown, setting?: SettingName): string | undefined {
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === 'string') ? value.join(',') : undefined;
  }
  if (isObject(value) && setting !== undefined && takesObject(setting)) return pairsOf(value);
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}

function pairsOf(value: Readonly<Record<string, unknown>>): string | undefined {
  const pairs = Object.entries(value).map(([name, text]) =>
    typeof text === 'string' && !`${name}${text}`.includes(',') ? `${name}=${text}` : undefined,
  );
  return pairs.includes(undefined) ? undefined : pairs.join(',');
}
