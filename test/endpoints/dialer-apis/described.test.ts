import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { Value } from 'typebox/value';

import { COMMON_OUTCOMES } from '../../../src/endpoints/v1/non-agent-operations.ts';
import type { DescribedAction, Operation } from '../../../src/endpoints/v1/operation.ts';
import { OPERATIONS } from '../../../src/endpoints/v1/operations.ts';
import { ROOT } from '../../support/command.ts';
import { ask, startEmbedded, type AskedRequest, type DialerApis } from './dialer-apis-fixture.ts';

interface Case extends AskedRequest {
  readonly name: string;
  readonly expect: Readonly<Record<string, { readonly lines: readonly string[] }>>;
}

const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8')) as {
  cases: readonly Case[];
};

/** Custom fields of the lists there. */
const CUSTOM = ['plan', 'visits', 'notes'];
/** Anybody may send these; nothing is made of them. */
const IGNORED = ['session_user', 'log_user', 'log_group', 'log_ip'];
/** Of goAPIv2 alone, in every request. */
const BY_ALL = ['goAction', 'function', 'responsetype'];

function operationOf({ method, path }: AskedRequest): Operation | undefined {
  return OPERATIONS.find((one) => one.path === path && one.method === method.toLowerCase());
}

/** What a request asks for; undefined: nothing that there is at its address. */
function actionOf(request: AskedRequest): DescribedAction | undefined {
  const { path, params } = request;
  const name = params.goAction ?? params.function ?? (path === '/API/lmapi.php' ? 'add_lead' : '');
  return operationOf(request)?.actions?.find(({ names }) => names.includes(name));
}

const isParameter = (name: string, action: DescribedAction) =>
  name.replace(/\[\d+\]/, '[0]') in action.parameters || [...CUSTOM, ...IGNORED, ...BY_ALL].includes(name);

/** A line with what differs left open. */
function patternOf(outcome: string): RegExp {
  const parts = outcome.split(/\{[^}]*\}/).map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^|]*')}$`);
}

const isDescribed = (line: string, action: DescribedAction | undefined, all = COMMON_OUTCOMES.slice(0, -1)) =>
  [...(action?.outcomes ?? []), ...all].some(([outcome]) => patternOf(outcome).test(line));

describe('the reference of the dialer’s other APIs', () => {
  let running: DialerApis;
  before(async () => {
    running = await startEmbedded();
  });
  after(() => running.close());

  it('has every parameter that the recorded requests send', () => {
    for (const one of cases) {
      const action = actionOf(one);
      if (action === undefined) continue;
      const unknown = Object.keys(one.params).filter((name) => !isParameter(name, action));
      assert.deepEqual(unknown, [], one.name);
    }
  });

  it('has every line that the recorded answers say, and every member of their JSON', () => {
    for (const one of cases) {
      const action = actionOf(one);
      for (const { lines } of Object.values(one.expect)) {
        const said = lines.filter((line) => /^(?:SUCCESS|NOTICE|ERROR): /.test(line));
        assert.deepEqual(
          said.filter((line) => !isDescribed(line, action)),
          [],
          one.name,
        );
        const json = operationOf(one)?.answers[200]?.content?.['application/json'];
        const [text = ''] = lines;
        if (json === undefined || !text.startsWith('{')) continue;
        assert.ok(Value.Check(json, JSON.parse(text)), `${one.name}: ${text}`);
      }
    }
  });

  it('has every text that the code may say', () => {
    const folder = join(ROOT, 'src', 'endpoints', 'non-agent');
    const code = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    const texts = code.flatMap((text) =>
      [...text.matchAll(/(?!GET, POST)\b[A-Z][A-Z_-]+(?:,? [A-Z][A-Z_-]*)+/g)].map(([said]) => said),
    );
    const described = [
      ...COMMON_OUTCOMES,
      ...OPERATIONS.flatMap(({ actions = [] }) => actions.flatMap(({ outcomes }) => outcomes)),
    ].map(([outcome]) => outcome);
    const missing = texts.filter((said) => !described.some((outcome) => outcome.includes(said)));
    assert.deepEqual(missing, []);
    assert.ok(texts.length > 20);
  });

  it('names only actions that are there', async () => {
    for (const { method, path, actions = [] } of OPERATIONS) {
      for (const name of actions.flatMap(({ names }) => names)) {
        const params = { goAction: name, function: name, responsetype: 'json' };
        const { text } = await ask(running.url, {
          ...{ method: method === 'get' ? 'GET' : 'POST', path, as: 'editor', params },
        });
        assert.doesNotMatch(
          text,
          /Command NOT Found|NO FUNCTION SPECIFIED|Login|Password/,
          `${path} ${name}`,
        );
      }
    }
  });
});
