import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { runCallercard, type Ran } from '../support/command.ts';
import { temporaryFolder } from '../support/test-app.ts';

/** A spreadsheet's file: three leads in two lists, two of them with one number. */
export const CUSTOMERS = `nombre,apellido,telefono,celular2,lista
Ana,Núñez,(33) 1234-5678,55 8765 4321,1
Luis,Peña,+52 1 81 2345 6789,,2
Luisa,Peña,81 2345 6789,,2
`;

/** A folder with CUSTOMERS as `customers.csv` and a store that was made of it. */
export async function createCustomers(): Promise<string> {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'customers.csv'), CUSTOMERS);
  const { code, stderr } = await runCallercard(['import', 'customers.csv', '--on-duplicate', 'add'], { cwd });
  assert.equal(code, 0, stderr);
  return cwd;
}

/** One clear line for a person, which says this: no stack, no result. */
export function assertRefused({ code, stdout, stderr }: Ran, expectedCode: number, says: RegExp): void {
  assert.match(stderr, says);
  assert.match(stderr, /^[^\n]+\n$/, 'not one line');
  assert.doesNotMatch(stderr, /\bat .+:\d+|unexpected failure|node:/);
  assert.deepEqual({ code, stdout }, { code: expectedCode, stdout: '' });
}
