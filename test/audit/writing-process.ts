/** A process that answers lookups as a server does, `writing-process.ts FOLDER`: a line for each answer, when it is allowed. */
import { writeSync } from 'node:fs';

import { openAudit, lookupEvent } from './audit-fixture.ts';
import { systemClock } from '../../src/core/clock.ts';

const [, , folder = '', name = ''] = process.argv;
const { writer } = openAudit(folder, { clock: systemClock, limits: { fileBytes: 20_000 } });
const STDOUT = 1;

for (let turn = 0; ; turn += 1) {
  await Promise.all(
    Array.from({ length: 1 + (turn % 7) }, async (_, at) => {
      const requestId = `${name}-${turn}-${at}`;
      await writer.record(lookupEvent({ requestId }));
      writeSync(STDOUT, `${requestId}\n`);
    }),
  );
}
