import { maskAll, OPTIONAL_PATH, parseMetricsReaders, parseMetricsToken } from './read-value.ts';

/** Who may read the metrics. */
export const METRICS_SETTINGS = {
  metrics: {
    form: 'local, off, or addresses, separated by commas',
    byDefault: 'local',
    help: 'Who may read `/metrics`: `local`, this machine at `127.0.0.1` or `localhost`, with `metricsToken`; addresses and ranges (`local, 10.0.0.9`), with `metricsToken` if it is set; `off`. Never through a proxy.',
    parse: parseMetricsReaders,
  },
  metricsToken: {
    form: '16 to 200 characters',
    byDefault: '',
    help: 'The token that clients of `/metrics` send (`Authorization: Bearer TOKEN`). Without it, `local` opens the metrics to nobody: a proxy on this machine could pass them on. As a flag it stands in the process list: use `metricsTokenFile`.',
    parse: parseMetricsToken,
    show: maskAll,
  },
  metricsTokenFile: {
    ...OPTIONAL_PATH,
    help: 'A file that holds the token, instead of writing it into `metricsToken`. It is read when the server starts.',
  },
} as const;
