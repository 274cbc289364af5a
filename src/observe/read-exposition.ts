import type { Labels } from './measured.ts';

/** One sample of a text that a server wrote. */
export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

const LINE = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/i;
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\]|\\.)*)"/gi;

/** Reads the text format as this program writes it; lines that it does not understand are left out. */
export function readExposition(text: string): readonly Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const [, name, labels = '', numeral = ''] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    samples.push({ name, labels: readLabels(labels), value: Number(numeral.replace('Inf', 'Infinity')) });
  }
  return samples;
}

function readLabels(text: string): Labels {
  return Object.fromEntries(
    [...text.matchAll(LABEL)].map(([, name = '', value = '']) => [
      name,
      value.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter)),
    ]),
  );
}
