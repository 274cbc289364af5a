/** How the values of several processes become one. Counters and histograms are always added up. */
export type Merge = 'sum' | 'max' | 'min';

export interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Their values come from the code and the configuration, never from a request. */
  readonly labels: readonly string[];
  readonly merge: Merge;
}

/** Every metric there is; docs/metrics.md is written from here. */
export const METRICS = {
  callercard_lookups_total: counter(
    'Lookups: by domain, door, the key that found the lead (`phone`: no lead had the number; `none`: not searched) and result.',
    ['domain', 'door', 'key', 'result'],
  ),
  callercard_lookup_duration_seconds: histogram(
    'Time from the question to the answer, by outcome: `answered` (found or not found), `refused` (credentials, right, rate, parameters), `failed` (overload, store, audit, our own fault).',
    ['domain', 'door', 'outcome'],
  ),
  callercard_domains: gauge('Domains that are served.', []),
  callercard_stores_open: gauge('Domains whose store is open.', [], 'sum'),
  callercard_lookups_under_way: gauge('Lookups that are worked on.', ['domain'], 'sum'),
  callercard_overload_refused_total: counter(
    'Requests that were refused at once (503) because too many came together; they never became lookups.',
    [],
  ),
  callercard_password_checks_total: counter('Passwords that were checked by their slow hash.', ['domain']),
  callercard_password_checks_waiting: gauge(
    'Requests that wait until their password is checked, those under way included.',
    ['domain'],
    'sum',
  ),
  callercard_lockouts_total: counter('Times that a user name was locked for wrong passwords.', ['domain']),
  callercard_walk_refused_total: counter(
    'Lookups that were refused (429) because their user walked through lead ids.',
    ['domain'],
  ),
  callercard_remembered_logins: gauge(
    'Logins that are remembered, so that no hash is needed.',
    ['domain'],
    'sum',
  ),
  callercard_audit_failing: gauge('1 while the audit cannot be written and so nobody gets an answer.', [
    'domain',
  ]),
  callercard_audit_lag_seconds: gauge('For how long the oldest record of the audit waits to be written.', [
    'domain',
  ]),
  callercard_audit_unrecorded_total: counter(
    'Lookups that got no record of their own: refused ones beyond a rate, and all while the audit fails.',
    ['domain'],
  ),
  callercard_database_connections: gauge("Open connections to a dialer's database.", ['domain'], 'sum'),
  callercard_database_statements: gauge(
    "Statements under way or waiting at a dialer's database.",
    ['domain'],
    'sum',
  ),
  callercard_database_servers: gauge(
    "Servers of a dialer's database: `in use`, or `left out` because they failed; of several workers the most.",
    ['domain', 'state'],
  ),
  callercard_log_dropped_lines_total: counter('Lines that the log lost because nobody read it.', []),
  callercard_log_waiting_bytes: gauge('Bytes of the log that wait for its reader.', [], 'sum'),
  callercard_connections_unread_total: counter(
    'Connections that were closed because their client did not read its answers.',
    [],
  ),
  callercard_cards_open: gauge('Cards that are open and hear of calls.', [], 'sum'),
  callercard_calls_told_total: counter(
    'Calls that a dialer or a PBX told, whether or not a card was open.',
    [],
  ),
  callercard_workers: gauge(
    'Processes that answer, by state: `answering`, `silent` (the primary hears nothing; its gauges are left out), `missing` (about to be replaced).',
    ['state'],
    'sum',
  ),
  callercard_worker_ends_total: counter('Workers that ended, for whatever reason; each is replaced.', []),
  callercard_event_loop_delay_seconds: gauge(
    'How late the event loop was in the last 10 seconds: half of the time (`50`), one time in a hundred (`99`), at worst (`100`); of several workers the latest.',
    ['percentile'],
  ),
  callercard_event_loop_busy_seconds_total: counter('Time in which the event loop was not idle.', []),
  callercard_heap_used_bytes: gauge('Memory of JavaScript in use.', [], 'sum'),
  callercard_heap_total_bytes: gauge('Memory of JavaScript set aside.', [], 'sum'),
  process_cpu_seconds_total: counter('CPU time, of user and system.', []),
  process_resident_memory_bytes: gauge('Resident memory.', [], 'sum'),
  process_open_fds: gauge('Open file descriptors (Linux).', [], 'sum'),
  process_max_fds: gauge('File descriptors that one process may open (Linux).', [], 'min'),
  process_start_time_seconds: gauge('When the process began, in seconds since 1970.', [], 'min'),
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

export function metricOf(name: MetricName): Metric {
  return METRICS[name];
}

/** The table of docs/metrics.md. */
export function metricsMarkdown(): string {
  const rows = METRIC_NAMES.map((name) => {
    const { type, labels, help } = metricOf(name);
    return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`;
  });
  return ['| metric | type | labels | what it tells |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function counter(help: string, labels: readonly string[]): Metric {
  return { type: 'counter', help, labels, merge: 'sum' };
}

function histogram(help: string, labels: readonly string[]): Metric {
  return { type: 'histogram', help, labels, merge: 'sum' };
}

function gauge(help: string, labels: readonly string[], merge: Merge = 'max'): Metric {
  return { type: 'gauge', help, labels, merge };
}
