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
    readonly level: string;
  }[];
  /** When it was looked for. */
  readonly when: string;
}

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
      return { subject, message, advice, isProblem, level: isProblem ? words.problem : words.advice };
    });
  if (isRunning) return { findings, when: words.looking };
  return { findings, when: at === undefined ? '' : words.lookedAt(time.format(at), found.length === 0) };
}
