import { isLoopback } from '../config/addresses.ts';
import type { Config } from '../config/settings.ts';
import type { Inspection } from '../core/store.ts';
import { inspectTls } from './certificate.ts';
import { advise } from './inspection.ts';
import { inspectCalls, inspectMetrics } from './settings.ts';

/** Inspects what all domains share, but for the rights of files. */
export async function* inspectInstallation(config: Config): AsyncGenerator<Inspection> {
  yield* inspectTls(config);
  yield inspectMetrics(config);
  yield* await inspectCalls(config);
  if (isLoopback(config.host) || config.tlsCert !== '') return;
  yield advise(
    'host',
    `${config.host} can be reached from other machines, and passwords travel as they are`,
    'set tlsCert and tlsKey, or put a reverse proxy with TLS in front and name it in trustedProxies',
  );
}
