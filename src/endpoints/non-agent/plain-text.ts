import { publicMessage, type Problem } from '../../core/problem.ts';
import { faultOfTexts } from '../../core/text-patch.ts';

/** What would end a line, or move something on it. */
// eslint-disable-next-line no-control-regex
const BREAKS = /[\0-\x1f\x7f-\x9f\u2028\u2029]+/g;

/** A value as a column: no value adds a column or a row, which the dialer's own API leaves to chance. */
function column(value: string | number | null): string {
  return plain(value).replaceAll('|', ' ');
}

const MOST_REPEATED = 40;

/** What was sent, as an answer repeats it: numbers as they are, of anything else its letters and digits. */
export function repeated(sent: string): string {
  const text = /^[\d+() .-]*$/.test(sent) ? sent : sent.replace(/[^\w.+@-]/g, '');
  return text.slice(0, MOST_REPEATED);
}

/** A line such as `SUCCESS: add_lead LEAD HAS BEEN ADDED - 7275551111|6666`. */
export function line(
  kind: 'SUCCESS' | 'NOTICE' | 'ERROR',
  text: string,
  values: readonly (string | number | null)[],
  separator = ' - ',
): string {
  return `${kind}: ${column(text)}${separator}${values.map(column).join('|')}`;
}

type WriteRow = (values: readonly (string | number | null)[]) => string;

/** What stands between two columns, by the parameter `stage`; values keep what is no separator there. */
const STAGES: ReadonlyMap<string, WriteRow> = new Map<string, WriteRow>([
  ['tab', (values) => values.map(plain).join('\t')],
  ['newline', (values) => values.map(plain).join('\n')],
  ['csv', (values) => values.map(quoted).join(',')],
]);

/** How rows are written. @param stage as it was sent: anything else is `pipe` */
export function rowWriter(stage: string): WriteRow {
  return STAGES.get(stage.toLowerCase()) ?? ((values) => values.map(column).join('|'));
}

function plain(value: string | number | null): string {
  return String(value ?? '').replace(BREAKS, ' ');
}

/** As RFC 4180 has it. */
function quoted(value: string | number | null): string {
  const text = plain(value);
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Who asked, and for what: what the dialer's API repeats in its errors. */
export interface Asked {
  readonly name: string;
  readonly user: string;
}

/** One line for a problem, in the dialer's own words where it has some. It repeats no password, which the dialer does. */
export function problemLine(problem: Problem, { name, user }: Asked): string {
  if (problem.code === 'parameter_malformed') {
    const faults = problem.faults.map((fault) => faultOfTexts(fault, '--BLANK--'));
    const reasons = faults.map(({ field, reason }) => `${field} ${reason}`).join('; ');
    return line('ERROR', `${name} INVALID DATA`, [user, reasons]);
  }
  if (problem.code === 'list_not_found') {
    return line('ERROR', `${name} NOT AN ALLOWED LIST ID`, [user, problem.asked]);
  }
  const own: Partial<Record<Problem['code'], string>> = {
    credentials_invalid: `ERROR: Login incorrect, please try again: |${column(user)}|BAD|`,
    locked_out: `ERROR: Too many login attempts, try again in 15 minutes: |${column(user)}|LOCK|`,
    api_not_allowed: line('ERROR', 'auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION', [user, name]),
    read_only_store: line('ERROR', `${name} READ ONLY, LEADS OF A DIALER ARE CHANGED IN THE DIALER`, [user]),
  };
  return own[problem.code] ?? `ERROR: ${column(`${name} ${publicMessage(problem)}`.trim())}`;
}
