import assert from 'node:assert/strict';

import parsePrometheusTextFormat from 'parse-prometheus-text-format';

/** One metric of a scrape. */
export interface Exposed {
  readonly help: string;
  readonly type: string;
  /** By the whole series, as written. */
  readonly samples: ReadonlyMap<string, number>;
}

/**
 * Reads the text format, version 0.0.4, by a parser from elsewhere, and checks what that one lets pass; throws at the first
 * line that is not as it should be.
 */
export function parseExposition(text: string): ReadonlyMap<string, Exposed> {
  assert.ok(text.endsWith('\n'), 'the last line must end');
  const metrics = new Map<string, Exposed & { readonly samples: Map<string, number> }>();
  // A sample that does not belong to the metric above it begins one without a type.
  for (const { name, help, type } of parsePrometheusTextFormat(text)) {
    assert.ok(!metrics.has(name), `${name} is there twice`);
    assert.match(type, /^(?:COUNTER|GAUGE|HISTOGRAM)$/, name);
    assert.ok(help !== '' && text.includes(`# HELP ${name} `), `${name} has no help`);
    metrics.set(name, { help, type: type.toLowerCase(), samples: new Map() });
  }
  for (const line of text.trimEnd().split('\n')) {
    if (line.startsWith('#')) assert.match(line, /^# (?:HELP|TYPE) \S/);
    else readSample(line, metrics);
  }
  for (const [name, { type, samples }] of metrics) {
    assert.ok(samples.size > 0, `${name} has no sample`);
    if (type === 'histogram') checkHistogram(name, samples);
  }
  return metrics;
}

const VALUE = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/;

function readSample(line: string, metrics: ReadonlyMap<string, Exposed & { samples: Map<string, number> }>) {
  const [read] = parsePrometheusTextFormat(`${line}\n`);
  const [sample] = read?.metrics ?? [];
  assert.ok(read !== undefined && sample !== undefined, line);
  const { value, labels = {} } = sample;
  const metric = metrics.get(read.name) ?? metrics.get(read.name.replace(/_(?:bucket|sum|count)$/, ''));
  assert.ok(metric !== undefined, `${line} has no metric`);
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
  const series = pairs.length === 0 ? read.name : `${read.name}{${pairs.join(',')}}`;
  // So the line holds nothing else, and no label twice.
  assert.equal(line, `${series} ${value}`);
  for (const name of [read.name, ...Object.keys(labels)]) assert.match(name, /^[a-zA-Z_][a-zA-Z0-9_]*$/);
  assert.match(value, VALUE, line);
  if (metric.type === 'counter') assert.ok(read.name.endsWith('_total') && !value.startsWith('-'), line);
  assert.ok(!metric.samples.has(series), `${series} is there twice`);
  metric.samples.set(series, Number(value.replace('Inf', 'Infinity')));
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
