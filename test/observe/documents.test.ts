import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';

import { METRIC_NAMES, METRICS, type MetricName } from '../../src/observe/catalog.ts';
import { startFilledApp } from '../http/raw-socket.ts';
import { ROOT } from '../support/command.ts';
import { readPage, tableBelow, uncode } from '../support/markdown.ts';
import { send } from '../support/test-app.ts';
import { parseExposition, type Exposed } from './exposition-parser.ts';

/** What only the primary of several workers knows, only a dialer's store or an Asterisk has, or only Linux tells. */
const ELSEWHERE =
  /^(?:callercard_worker_exits_total|callercard_(?:database|asterisk)_\w+|process_(?:open|max)_fds)$/;

const OUTSIDE = new Set(['up', 'time']);
/** Words of the query language that are no names of metrics. */
const WORDS = /^(?:sum|max|rate|increase|histogram_quantile|by|and|job|le|label_values)$/;

describe('every metric', () => {
  let exposed: ReadonlyMap<string, Exposed>;
  before(async () => {
    const running = await startFilledApp();
    try {
      exposed = parseExposition((await send(running.url, '/metrics')).text);
    } finally {
      await running.close();
    }
  });

  it('is exposed as docs/metrics.md says, and no other is', () => {
    const rows = tableBelow(readPage('docs/metrics.md').text, '<!-- metrics:begin -->');
    assert.deepEqual(
      rows.map(([name = '']) => uncode(name)),
      METRIC_NAMES,
    );
    for (const [cell = '', type, labels = '', help] of rows) {
      const name = uncode(cell);
      const found = exposed.get(name);
      if (found === undefined) {
        assert.match(name, ELSEWHERE);
        continue;
      }
      assert.deepEqual([found.type, found.help], [type, help]);
      const documented = new Set([...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label));
      for (const series of found.samples.keys()) {
        const own = [...series.matchAll(/(\w+)="/g)]
          .map(([, label]) => label)
          .filter((label) => label !== 'le');
        assert.deepEqual(new Set(own), documented, series);
      }
    }
    for (const name of exposed.keys()) assert.ok(METRIC_NAMES.includes(name as MetricName), name);
  });

  it('is named as Prometheus recommends: a prefix, base units, _total for counters alone', () => {
    for (const name of METRIC_NAMES) {
      const { type, help, labels } = METRICS[name];
      assert.match(name, /^(?:callercard|process)_[a-z_]+$/);
      assert.equal(name.endsWith('_total'), type === 'counter', name);
      assert.doesNotMatch(
        name,
        /milli|_ms\b|_kb|_mb|percent|_(?:count|sum|bucket|info|counter|gauge|histogram)$/,
      );
      assert.ok(help.endsWith('.'), name);
      for (const label of labels) {
        assert.match(label, /^[a-z]+$/);
        assert.ok(!['le', 'quantile', 'job', 'instance'].includes(label) && !name.includes(label), label);
      }
    }
  });

  it('is named correctly by dashboard and alert rules, and shown on the dashboard', () => {
    const dashboard = readFileSync(join(ROOT, 'deploy', 'grafana.json'), 'utf8');
    const rules = readFileSync(join(ROOT, 'deploy', 'prometheus-alerts.yml'), 'utf8');
    const { panels } = JSON.parse(dashboard) as { panels: { targets: { expr: string }[] }[] };
    const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    const ruled = [...rules.matchAll(/^ +expr: (.+)$/gm)].map(([, expr = '']) => expr);
    assert.equal(ruled.length, [...rules.matchAll(/^ +- alert: /gm)].length);
    for (const expr of [...shown, ...ruled]) assertKnown(expr);
    assert.throws(() => assertKnown('rate(callercard_nothing_total[5m])'));
    assert.throws(() => assertKnown('callercard_lookups_total{user="crm"}'));
    assert.throws(() => assertKnown('callercard_lookups_total{result="fuond"}'));
    for (const name of METRIC_NAMES)
      assert.ok(
        shown.some((expr) => expr.includes(name)),
        `${name} is not shown`,
      );
  });

  /** Names of metrics, of their labels and of what labels may be, as far as they are there. */
  function assertKnown(expr: string): void {
    const bare = expr
      .replace(/"[^"]*"/g, '""')
      .replace(/\[[^\]]*\]/g, '')
      .replace(/\bby \([^)]*\)/g, '');
    for (const [word] of bare.replace(/\{[^}]*\}/g, '').matchAll(/[a-z_]{2,}/g)) {
      const name = word.replace(/_bucket$/, '') as MetricName;
      assert.ok(METRIC_NAMES.includes(name) || OUTSIDE.has(word) || WORDS.test(word), `${word} in ${expr}`);
    }
    for (const [, word = '', matchers = ''] of expr.matchAll(/([a-z_]+)\{([^}]*)\}/g)) {
      if (OUTSIDE.has(word)) continue;
      const name = word.replace(/_bucket$/, '') as MetricName;
      for (const [, label = '', , values = ''] of matchers.matchAll(/(\w+)(=~?)"([^"]*)"/g)) {
        assert.ok(METRICS[name].labels.includes(label), `${label} in ${expr}`);
        const known = [...(exposed.get(name)?.samples.keys() ?? [])].join(' ');
        const isOpen = label === 'domain' || exposed.get(name) === undefined || label === 'state';
        for (const value of isOpen ? [] : values.split('|'))
          assert.ok(known.includes(`${label}="${value}"`), `${value} in ${expr}`);
      }
    }
  }
});
