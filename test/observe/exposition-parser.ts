import assert from 'node:assert/strict';

/** One metric of a text, as it says itself. */
export interface Exposed {
  readonly help: string;
  readonly type: string;
  /** By the whole series, as written. */
  readonly samples: ReadonlyMap<string, number>;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const VALUE = String.raw`(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)`;
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"`;
const HELP = new RegExp(`^# HELP (${NAME}) ((?:[^\\\\]|\\\\[\\\\n])+)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`);
const SAMPLE = new RegExp(`^((${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})?) (${VALUE})$`);

/** Reads the text format, version 0.0.4, more strictly than scrapers do; throws at the first line that is not as it should be. */
export function parseExposition(text: string): ReadonlyMap<string, Exposed> {
  assert.ok(text.endsWith('\n'), 'the last line must end');
  const metrics = new Map<string, { help: string; type: string; samples: Map<string, number> }>();
  let current = '';
  let help: readonly string[] = [];
  for (const line of text.slice(0, -1).split('\n')) {
    if (line.startsWith('# HELP ')) {
      help = HELP.exec(line) ?? assert.fail(`no HELP line: ${line}`);
      continue;
    }
    if (line.startsWith('#')) {
      const [, name = '', type = ''] = TYPE.exec(line) ?? assert.fail(`no TYPE line: ${line}`);
      assert.equal(help[1], name, 'HELP stands before TYPE, for the same metric');
      assert.ok(!metrics.has(name), `${name} stands there twice`);
      metrics.set((current = name), { help: help[2] ?? '', type, samples: new Map() });
      continue;
    }
    const [, series = '', name = '', labels = '', value = ''] =
      SAMPLE.exec(line) ?? assert.fail(`no sample: ${line}`);
    const metric = metrics.get(current) ?? assert.fail(`a sample before any TYPE: ${line}`);
    const suffixes = metric.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    assert.ok(
      suffixes.includes(name.slice(current.length)) && name.startsWith(current),
      `${line} below ${current}`,
    );
    assert.ok(!metric.samples.has(series), `${series} stands there twice`);
    const names = [...labels.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="/g)].map(([, label]) => label);
    assert.equal(new Set(names).size, names.length, `a label stands twice in ${series}`);
    if (metric.type === 'counter') assert.ok(current.endsWith('_total') && !value.startsWith('-'), line);
    metric.samples.set(series, Number(value.replace('Inf', 'Infinity')));
  }
  for (const [name, { type, samples }] of metrics) {
    assert.ok(samples.size > 0, `${name} has no sample`);
    if (type === 'histogram') checkHistogram(name, samples);
  }
  return metrics;
}

/** Buckets rise, end with +Inf, and that one is the count. */
function checkHistogram(name: string, samples: ReadonlyMap<string, number>): void {
  const groups = new Map<string, { bound: number; count: number }[]>();
  for (const [series, count] of samples) {
    const [, before = '', le = ''] = /_bucket\{(.*?),?le="([^"]+)"\}$/.exec(series) ?? [];
    if (le === '') continue;
    const group = groups.get(before) ?? [];
    group.push({ bound: Number(le.replace('Inf', 'Infinity')), count });
    groups.set(before, group);
  }
  assert.equal(
    samples.size,
    [...groups.values()].reduce((sum, { length }) => sum + length + 2, 0),
    `${name}: bare series`,
  );
  for (const [labels, buckets] of groups) {
    for (const [at, { bound, count }] of buckets.entries()) {
      const next = buckets[at + 1];
      if (next === undefined) assert.equal(bound, Infinity, `${name}{${labels}} ends without +Inf`);
      else assert.ok(next.bound > bound && next.count >= count, `${name}{${labels}} falls at ${bound}`);
    }
    const written = labels === '' ? '' : `{${labels}}`;
    assert.equal(samples.get(`${name}_count${written}`), buckets.at(-1)?.count);
    assert.ok((samples.get(`${name}_sum${written}`) ?? NaN) >= 0);
  }
}

/** The sum of all samples of a metric whose series holds all of these, such as `result="found"`. */
export function sumOf(
  metrics: ReadonlyMap<string, Exposed>,
  name: string,
  ...labels: readonly string[]
): number {
  const suffix = /_(?:bucket|sum|count)$/.exec(name)?.[0] ?? '';
  const metric = metrics.get(name) ?? metrics.get(name.slice(0, name.length - suffix.length));
  let sum = 0;
  for (const [series, value] of metric?.samples ?? []) {
    if (series.split('{')[0] === name && labels.every((label) => series.includes(label))) sum += value;
  }
  return sum;
}
