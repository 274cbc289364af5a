import type { Reader } from '../../pages/reader.ts';
import type { AttentionFound } from '../sources.ts';
import type { OverviewWords } from './overview-words.ts';

/** What needs somebody's attention, worst first. */
export interface AttentionView {
  readonly findings: readonly {
    readonly subject: string;
    readonly message: string;
    readonly advice: string | undefined;
    readonly isProblem: boolean;
    /** The page of the console where it is done, if there is one. */
    readonly link: { readonly href: string; readonly label: string } | undefined;
    readonly level: string;
  }[];
  /** When it was looked for. */
  readonly when: string;
}

/** Where the console does what a command does that a finding advises. */
const PAGES = { import: '/console/import', user: '/console/users' } as const;

export function viewAttention(
  { at, isRunning, found }: AttentionFound,
  { tag }: Reader,
  words: OverviewWords,
): AttentionView {
  const time = new Intl.DateTimeFormat(tag, { timeStyle: 'short' });
  const findings = found
    .toSorted((one, other) => Number(other.level === 'problem') - Number(one.level === 'problem'))
    .map(({ level, subject, message, advice }) => {
      const isProblem = level === 'problem';
      const link = linkFor(advice, words);
      return { subject, message, advice, isProblem, link, level: isProblem ? words.problem : words.advice };
    });
  if (isRunning) return { findings, when: words.looking };
  return { findings, when: at === undefined ? '' : words.lookedAt(time.format(at), found.length === 0) };
}

function linkFor(advice: string | undefined, { cures }: OverviewWords) {
  const command = /^callercard (import|user) /.exec(advice ?? '')?.[1] as keyof typeof PAGES | undefined;
  return command && { href: PAGES[command], label: cures[command] };
}
