import { isPerDomain } from '../config/domains.ts';
import { SETTING_NAMES, type Config } from '../config/settings.ts';
import type { ServedSettings } from '../process/serve-app.ts';

/**
 * The settings of one of several workers. Limits of the whole are divided among them: more processes allow a user no more
 * lookups per second, and open no more connections to a database.
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
 * The settings of a worker that starts after a reload: those that count at the next start only, such as the port, are
 * those of the other workers.
 */
export function settingsBeside(first: ServedSettings, taken: ServedSettings): ServedSettings {
  const kept = SETTING_NAMES.filter((name) => !isPerDomain(name)).map((name) => [name, first.config[name]]);
  const config = { ...taken.config, ...(Object.fromEntries(kept) as Partial<Config>) };
  return { ...taken, config, tls: first.tls === undefined ? undefined : (taken.tls ?? first.tls) };
}
