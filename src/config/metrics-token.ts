import { readFileSync } from 'node:fs';

import { whyUnreadable } from '../core/problem.ts';
import { ConfigError } from './load.ts';
import { parseMetricsToken } from './read-value.ts';
import type { Config } from './settings.ts';

/**
 * The configuration with the metrics' token as its value, wherever it was written.
 *
 * @throws {ConfigError} the file cannot be read, or holds no token
 */
export function withMetricsToken<Given extends Pick<Config, 'metricsToken' | 'metricsTokenFile'>>(
  config: Given,
): Given {
  const { metricsTokenFile: path } = config;
  if (path === '') return config;
  const parsed = parseMetricsToken(readTokenFile(path));
  const fault = 'fault' in parsed ? parsed.fault : 'is empty';
  if ('fault' in parsed || parsed.value === '') {
    throw new ConfigError([`metricsTokenFile: the token in ${path} ${fault}`]);
  }
  return { ...config, metricsToken: parsed.value, metricsTokenFile: '' };
}

function readTokenFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError([`the file ${path} of metricsTokenFile ${whyUnreadable(cause)}`]);
  }
}
