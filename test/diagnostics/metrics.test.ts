import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';

import { loadConfig } from '../../src/config/load.ts';
import { inspectMetrics } from '../../src/diagnostics/settings.ts';
import { temporaryFolder } from '../support/test-app.ts';

it('61: check says to whom the metrics are open, and advises a token where a proxy could pass them on', () => {
  const file = join(temporaryFolder(), 'token');
  writeFileSync(file, 'planted-secret-of-the-metrics');
  const cases: [flags: Readonly<Record<string, string>>, level: string, message: RegExp][] = [
    [{}, 'ok', /^closed, because metricsToken is not set$/],
    [{ metrics: 'off' }, 'ok', /^off$/],
    [{ metricsToken: 'planted-secret-of-the-metrics' }, 'ok', /^open with metricsToken$/],
    [{ metricsTokenFile: file, metrics: 'local, 10.0.0.9' }, 'ok', /^open with metricsToken$/],
    [
      { metrics: 'local, 10.0.0.9' },
      'advice',
      /^open without a token to whatever connects from 10\.0\.0\.9,/,
    ],
    [{ metricsTokenFile: `${file}-not` }, 'problem', /of metricsTokenFile/],
  ];
  for (const [flags, level, message] of cases) {
    const found = inspectMetrics(loadConfig({ flags, environment: {} }).config);
    assert.deepEqual([found.level, found.subject], [level, 'metrics'], JSON.stringify(flags));
    assert.match(found.message, message);
  }
});
