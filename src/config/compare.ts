import { isDeepStrictEqual } from 'node:util';

import { SETTING_NAMES, SETTINGS, type Setting, type SettingName, type SettingValues } from './settings.ts';

/** The settings whose values differ. */
export function differingSettings(one: SettingValues, other: SettingValues): readonly SettingName[] {
  return SETTING_NAMES.filter((name) => !isDeepStrictEqual(one[name], other[name]));
}

/** Whether it concerns a store or its callers, and not the whole installation. */
export function isPerDomain(name: SettingName): boolean {
  const { perDomain }: Setting<unknown> = SETTINGS[name];
  return perDomain === true;
}
