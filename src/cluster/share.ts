import { isPerDomain } from '../config/domains.ts';
import { SETTING_NAMES, type Config } from '../config/settings.ts';
import type { ServedSettings } from '../process/serve-app.ts';

/**
 * The settings of one of several workers. What is promised for the whole is shared out: nobody gets more lookups a
 * second, and no database more connections, because there are more processes.
 */
export function shareOf(settings: ServedSettings, workers: number): ServedSettings {
  return { ...settings, config: shareConfig(settings.config, workers) };
}

function shareConfig(config: Config, workers: number): Config {
  const share = {
    rateLimit: Math.ceil(config.rateLimit / workers),
    enumerationLimit: Math.ceil(config.enumerationLimit / workers),
    databaseConnections: Math.max(1, Math.floor(config.databaseConnections / workers)),
  };
  const domains = config.domains.map((domain) => ({
    ...domain,
    config: shareConfig(domain.config, workers),
  }));
  return { ...config, ...share, domains };
}

/**
 * What a worker begins with that starts after other settings were taken: what counts at the next start of the whole is
 * for it as it is for the others, such as the port.
 */
export function settingsBeside(first: ServedSettings, taken: ServedSettings): ServedSettings {
  const kept = SETTING_NAMES.filter((name) => !isPerDomain(name)).map((name) => [name, first.config[name]]);
  const config = { ...taken.config, ...(Object.fromEntries(kept) as Partial<Config>) };
  return { config, tls: first.tls === undefined ? undefined : (taken.tls ?? first.tls) };
}
