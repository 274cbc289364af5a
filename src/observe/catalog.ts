/** How the values of several processes are merged. Counters and histograms are always summed. */
export type Merge = 'sum' | 'max' | 'min';

interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Names of labels. Their values come from the code and the configuration, never from a request. */
  readonly labels: readonly string[];
  readonly merge: Merge;
}

/** Every metric. `npm run docs` writes the table of docs/metrics.md from it. */
export const METRICS = {
  callercard_lookups_total: counter(
    'Lookups by domain, endpoint, key that found the lead (`text`: words; `phone`: no lead has the number; `none`: nothing was searched) and result.',
    ['domain', 'endpoint', 'key', 'result'],
  ),
  callercard_lookup_duration_seconds: histogram(
    'Duration of lookups by outcome: `answered` (found or not found), `refused` (credentials, rights, rate, parameters), `failed` (overload, store, audit, internal error).',
    ['domain', 'endpoint', 'outcome'],
  ),
  callercard_domains: gauge('Domains that are served.', []),
  callercard_stores_open: gauge('Domains whose store is open.', [], 'sum'),
  callercard_lookups_in_flight: gauge('Lookups in progress.', ['domain'], 'sum'),
  callercard_overload_refused_total: counter(
    'Requests shed with 503 because too many arrived at once; they are not counted as lookups.',
    [],
  ),
  callercard_password_checks_total: counter('Passwords checked by their slow hash.', ['domain']),
  callercard_password_checks_pending: gauge(
    'Requests whose password check is queued or in progress.',
    ['domain'],
    'sum',
  ),
  callercard_lockouts_total: counter('User names locked after wrong passwords.', ['domain']),
  callercard_enumeration_refused_total: counter(
    'Lookups throttled with 429 because their user enumerates lead ids.',
    ['domain'],
  ),
  callercard_daily_leads_reached_total: counter(
    'Users and tokens that read as many different leads in a day as `dailyLeads` allows, or 5,000 without such a limit; each once a day.',
    ['domain'],
  ),
  callercard_cached_credentials: gauge(
    'Credentials in the cache, which need no slow hash.',
    ['domain'],
    'sum',
  ),
  callercard_audit_failing: gauge('1 while the audit cannot be written, so that no lookup is answered.', [
    'domain',
  ]),
  callercard_audit_lag_seconds: gauge('Age of the oldest audit record that is not yet written.', ['domain']),
  callercard_audit_unrecorded_total: counter(
    'Lookups without an audit record: refused ones beyond the rate limit of such records, and all while the audit fails.',
    ['domain'],
  ),
  callercard_database_connections: gauge(
    'Open connections to a database over the network.',
    ['domain'],
    'sum',
  ),
  callercard_database_statements: gauge(
    'Statements in progress or queued for a database over the network.',
    ['domain'],
    'sum',
  ),
  callercard_database_servers: gauge(
    'Servers of a database over the network by state: `in_use`, or `failed` (not used until it answers again); the largest count of any worker.',
    ['domain', 'state'],
  ),
  callercard_log_lines_dropped_total: counter('Log lines dropped because nobody read the log.', []),
  callercard_log_buffered_bytes: gauge('Bytes of the log that wait for its reader.', [], 'sum'),
  callercard_slow_connections_closed_total: counter(
    'Connections closed because the client did not read its answers.',
    [],
  ),
  callercard_cards_open: gauge('Open cards, which are notified of calls.', [], 'sum'),
  callercard_call_notifications_total: counter(
    'Calls that a dialer or a PBX announced, whether or not a card was open.',
    ['domain'],
  ),
  callercard_asterisk_connected: gauge(
    '1 while the manager interface of Asterisk is connected and logged in (setting `asterisk`), in the worker that listens to it.',
    ['domain'],
  ),
  callercard_asterisk_reconnects_total: counter('Logins at Asterisk after the first one.', ['domain']),
  callercard_asterisk_events_total: counter('Events of calls that came from Asterisk.', ['domain']),
  callercard_asterisk_reports_total: counter(
    "What Asterisk's events said of calls at agents: each ringing, answer and end.",
    ['domain'],
  ),
  callercard_workers: gauge(
    'Worker processes by state: `answering`, `silent` (does not answer the primary; its gauges are omitted), `missing` (about to be replaced).',
    ['state'],
    'sum',
  ),
  callercard_worker_exits_total: counter('Workers that exited for any reason; each is replaced.', []),
  callercard_event_loop_delay_seconds: gauge(
    'Delay of the event loop in the last 10 seconds: median (`50`), 99th percentile (`99`), maximum (`100`); the largest of all workers.',
    ['percentile'],
  ),
  callercard_event_loop_busy_seconds_total: counter('Time in which the event loop was not idle.', []),
  callercard_heap_used_bytes: gauge('JavaScript heap in use.', [], 'sum'),
  callercard_heap_total_bytes: gauge('JavaScript heap allocated.', [], 'sum'),
  process_cpu_seconds_total: counter('User and system CPU time.', []),
  process_resident_memory_bytes: gauge('Resident memory.', [], 'sum'),
  process_open_fds: gauge('Open file descriptors (Linux).', [], 'sum'),
  process_max_fds: gauge('Most file descriptors that one process may open (Linux).', [], 'min'),
  process_start_time_seconds: gauge('Start time of the process, in seconds since 1970.', [], 'min'),
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

function counter(help: string, labels: readonly string[]): Metric {
  return { type: 'counter', help, labels, merge: 'sum' };
}

function histogram(help: string, labels: readonly string[]): Metric {
  return { type: 'histogram', help, labels, merge: 'sum' };
}

function gauge(help: string, labels: readonly string[], merge: Merge = 'max'): Metric {
  return { type: 'gauge', help, labels, merge };
}
