import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { systemClock } from '../../../src/core/clock.ts';
import { namesOfRights, type Right, rightsOf, SATISFIED_BY, USER_RIGHTS } from '../../../src/core/rights.ts';
import { OPERATIONS } from '../../../src/endpoints/v1/operations.ts';
import { routesOf } from '../../../src/endpoints/v1/routes.ts';
import { createCallHub } from '../../../src/events/call-hub.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../../service/lookup-fixture.ts';
import { fillOwn } from '../../stores/described-store.ts';
import { basic, bearer } from '../../support/authorization.ts';
import { describeDataset, readDataset } from '../../support/dataset.ts';
import { madeToken } from '../../support/made-token.ts';
import { onOwnEngines } from '../../support/own-engines.ts';
import { send, startTestApp, temporaryFolder, type TestApp } from '../../support/test-app.ts';
import {
  askCallerId,
  ASKED,
  askDocumented,
  documentedRefusal,
  GUARDED,
  seesCard,
  tryOperation,
} from './rights-fixture.ts';

/** Every choice of these rights, none of them and all of them, too. */
function choicesOf<Name>(rights: readonly Name[]): readonly (readonly Name[])[] {
  return Array.from({ length: 2 ** rights.length }, (_, bits) =>
    rights.filter((_right, at) => (bits & (2 ** at)) !== 0),
  );
}

const USERS = choicesOf(USER_RIGHTS).map((rights) => ({
  name: `may ${rights.join(' ')}`.trim(),
  password: { verifier: CHEAP_VERIFIER },
  rights,
}));

const has = (rights: readonly Right[], right: Right) => (rightsOf(rights) & SATISFIED_BY[right]) !== 0;

onOwnEngines('the rights of somebody', (emptyStore) => {
  let app: TestApp;
  before(async () => {
    const dataset = describeDataset(readDataset());
    app = await startTestApp(
      temporaryFolder(),
      (store) => fillOwn(store, { ...dataset, users: [...dataset.users, ...USERS] }),
      { config: emptyStore() },
    );
  });
  after(() => app.close());

  it('51: open to a user what needs them and nothing else, whichever they are', async () => {
    assert.ok(GUARDED.length >= 5);
    for (const { name, rights } of USERS) {
      const header = basic(name, PASSWORD);
      for (const [id, right] of GUARDED) {
        const expected = has(rights, right) ? 'done' : `403 ${right}`;
        assert.equal(await tryOperation(app.url, id, header), expected, `${name}: ${id}`);
      }
      assert.equal(
        await askCallerId(app.url, header),
        has(rights, 'caller-id') ? 'Bruno M Macias' : '',
        name,
      );
      assert.equal(await seesCard(app.url, [name, PASSWORD]), has(rights, 'card'), name);
    }
  });

  it('51: say in the documented protocol what they always said', async () => {
    for (const { name, rights } of USERS) {
      const body = await askDocumented(app.url, [name, PASSWORD]);
      if (has(rights, 'read')) assert.match(body, /^\{"result":"success","lead_info":\{"lead_id":14246,/);
      else assert.equal(body, documentedRefusal(name));
    }
  });

  it('51: are said by the token, whichever its scope has', async () => {
    for (const scope of choicesOf<Right>(['read', 'edit', 'calls'])) {
      const header = bearer(await madeToken(app.store, { name: `opens ${scope.join(' ')}`, scope }));
      for (const [id, right] of GUARDED) {
        const expected = has(scope, right) ? 'done' : `403 ${right}`;
        assert.equal(await tryOperation(app.url, id, header), expected, `${scope.join()}: ${id}`);
      }
      assert.equal(await askCallerId(app.url, header), has(scope, 'read') ? 'Bruno M Macias' : '');
    }
  });

  it('51: are none, and are not named, for a telephone’s token, but to know who a caller is', async () => {
    const header = bearer(await madeToken(app.store, { name: 'telephone', scope: ['caller-id'] }));
    // After many wrong tokens at once, of whatever kind, the network has to wait.
    for (const [id] of GUARDED)
      assert.match(
        await tryOperation(app.url, id, header),
        /^(?:401 credentials_invalid|429 rate_limited)$/,
        id,
      );
    assert.equal(await askCallerId(app.url, header), 'Bruno M Macias');
  });

  it('51: are in the words of /v1, and with what is wrong with the request only where there is the right', async () => {
    const post = async (header: { authorization: string }) =>
      send(app.url, '/v1/calls', {
        method: 'POST',
        headers: { ...header, 'content-type': 'application/json' },
        body: '{"user":""}',
      });
    const refused = await post(basic('may card read', PASSWORD));
    assert.deepEqual(JSON.parse(refused.text), {
      type: '/docs/problems/api_not_allowed',
      title: 'may card read needs the right calls for this.',
      status: 403,
      code: 'api_not_allowed',
      right: 'calls',
    });
    assert.equal((await post(basic('may calls', PASSWORD))).status, 400);
    const token = await madeToken(app.store, { name: 'crm', scope: ['calls'] });
    const { text } = await send(app.url, `/v1/leads/${ASKED.lead_id}`, { headers: bearer(token) });
    assert.match(text, /"title":"token:crm needs the right read for this\."/);
  });

  it('51, 13: are those of this moment, also for whoever is known already', async () => {
    const header = basic('may read', PASSWORD);
    const ask = () => tryOperation(app.url, 'getLead', header);
    assert.equal(await ask(), 'done');
    await app.store.users.change('MAY READ', { rights: rightsOf(['card', 'calls']), lists: 'every list' });
    assert.equal(await ask(), '403 read');
    assert.equal(await tryOperation(app.url, 'notifyCall', header), 'done');
    await app.store.users.change('may read', { rights: rightsOf(['read']), lists: [1] });
    assert.equal(await ask(), '404 lead_not_found');
    assert.equal(await app.store.users.remove('may read'), true);
    assert.equal(await ask(), '401 credentials_invalid');
  });
});

describe('the right that an operation needs', () => {
  it('51: is the one that the documents name', () => {
    const documented = new Map(OPERATIONS.map(({ method, path, right }) => [`${method} ${path}`, right]));
    for (const { method, url, right } of routesOf(createCallHub(systemClock))) {
      const path = url.replace(/:(\w+)/g, '{$1}');
      assert.equal(documented.get(`${method.toLowerCase()} ${path}`), right, url);
    }
    for (const { id, right, needsAuthorization } of OPERATIONS)
      assert.ok(needsAuthorization !== true || right !== undefined, id);
  });

  it('51: is in the OpenAPI document and on the page of the reference', async () => {
    const app = await startTestApp(temporaryFolder(), () => undefined);
    try {
      const { paths } = JSON.parse((await send(app.url, '/openapi.json')).text) as {
        paths: Record<string, Record<string, { security: readonly object[] }>>;
      };
      assert.deepEqual(paths['/v1/calls']?.post?.security, [{ basic: ['calls'] }, { token: ['calls'] }]);
      assert.deepEqual(paths['/v1/leads']?.get?.security, [{ basic: ['read'] }, { token: ['read'] }]);
      assert.deepEqual(paths['/healthz']?.get?.security, []);
      const { text } = await send(app.url, '/docs');
      assert.match(text, /POST \/v1\/calls<[^]*?needs the right calls\./);
      assert.match(text, /GET \/v1\/caller-id<[^]*?Needs the right caller-id\./);
    } finally {
      await app.close();
    }
  });

  it('51: is a bit of its own, whose name comes back', () => {
    for (const names of choicesOf<Right>([...USER_RIGHTS, 'caller-id']))
      assert.deepEqual(namesOfRights(rightsOf(names)), names);
  });
});
