import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { SeededRandom } from '../../support/seeded-random.ts';
import { createCardClient, type CardClient, EDITH, formIn, submitForm } from '../card/card-fixture.ts';
import { RECORDS, type RecordsApp, startRecordsApp, type Reply } from './records-fixture.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Change {
  readonly type: string;
  readonly change_id: number;
  readonly before: Fields | null;
  readonly after: Fields | null;
}

const FIELDS = ['first_name', 'city', 'state', 'email', 'comments', 'title'] as const;
const VALUES = [null, 'a', 'Ñandú', '😀', 'Zoë', '0'] as const;
const STEPS = 100;

/** What the API should hold: a plain object for each lead, none for one that was removed. */
class Model {
  readonly leads = new Map<number, Fields | undefined>();

  change(leadId: number, patch: Fields): void {
    const { custom_info: custom, ...own } = patch;
    const lead = this.leads.get(leadId) ?? {};
    const labels = { ...(lead.custom_info as Fields | undefined), ...(custom as Fields | undefined) };
    this.leads.set(leadId, { ...lead, ...own, ...(custom !== undefined && { custom_info: labels }) });
  }

  get present(): readonly number[] {
    return [...this.leads].flatMap(([leadId, lead]) => (lead === undefined ? [] : [leadId]));
  }
}

/** The fields of a lead that the model keeps, those without value left out. */
function fieldsOf(lead: Fields): Fields {
  const custom = Object.entries((lead.custom_info ?? {}) as Fields).filter(([, value]) => value !== null);
  const own = [...FIELDS, 'is_customer'].flatMap((field) =>
    (lead[field] ?? null) === null ? [] : [[field, lead[field]]],
  );
  return { ...Object.fromEntries(own as [string, unknown][]), custom: Object.fromEntries(custom) };
}

function randomPatch(random: SeededRandom): Fields {
  const own = Array.from({ length: 1 + random.below(2) }, () => [random.pick(FIELDS), random.pick(VALUES)]);
  const custom = random.chance(0.3) ? { custom_info: { RFC: random.pick(VALUES) } } : {};
  return { ...Object.fromEntries(own as [string, unknown][]), ...custom };
}

/** Forms of the card, and the fields of each that the model keeps. */
const FORMS = {
  name: ['first_name', 'title'],
  address: ['city', 'state'],
  email: ['email'],
  comments: ['comments'],
  'custom_info.RFC': ['custom_info.RFC'],
} as const;

describe('records that several users change at a time, by /v1, the card and imports', () => {
  let app: RecordsApp;
  let edith: CardClient;
  before(async () => {
    app = await startRecordsApp({}, { data: { ...RECORDS, users: [EDITH] } });
    edith = createCardClient(app.url);
    await edith.signIn('Edith');
  });
  after(() => app.close());

  const users = () => [app.as.editor, app.as.north];
  const get = (leadId: number) => app.ask({ to: `GET /v1/leads/${leadId}` });

  /** As the import of a file with a column of cities would. */
  async function importCity(leadId: number, city: string): Promise<void> {
    const columns = { texts: ['city'], isCustomer: false, lastLocalCallTime: false, numbers: false } as const;
    const run = await app.store.archive.startImport(columns, 'update', { fileName: 'a.csv', isWhole: false });
    try {
      assert.equal(run.prepareList(1, undefined, []), undefined);
      const row = { leadId, listId: 1, texts: [city], isCustomer: false, lastLocalCallTime: null };
      const early = run.write({ ...row, modifyDate: undefined, numbers: [], custom: new Map() }, 1);
      const [result = early] = await run.commitBatch();
      assert.ok(result === 'updated' || result === 'unchanged', JSON.stringify(result));
      await run.end('done', { added: 0, updated: 1, unchanged: 0, rejected: 0, removed: 0 });
    } finally {
      await run.close();
    }
  }

  const card = (leadId: number) => edith.get(`/card?lead=${leadId}`);

  /** Changes a field in its form on the card, or notes something there. */
  async function useCard(model: Model, random: SeededRandom, leadId: number): Promise<void> {
    const page = await card(leadId);
    if (random.chance(0.2)) {
      const noted = await submitForm(app.url, edith, '/card/note', {
        ...formIn(page, 'note'),
        text: 'noted',
      });
      assert.match(noted.text, /data-done="Note added"/);
      return;
    }
    const key = random.pick(Object.keys(FORMS) as (keyof typeof FORMS)[]);
    const [field, value] = [random.pick<string>(FORMS[key]), random.pick(VALUES)];
    const form = { ...formIn(page, key), [`f:${field}`]: value ?? '' };
    const { status, text } = await submitForm(app.url, edith, '/card/edit', form);
    assert.equal(status, 200, text);
    model.change(leadId, field === 'custom_info.RFC' ? { custom_info: { RFC: value } } : { [field]: value });
  }

  /** Two forms that were read at the same time: of one field the later is refused; beside a patch of another all count. */
  async function raceOnCard(model: Model, random: SeededRandom, leadId: number): Promise<void> {
    const form = formIn(await card(leadId), 'email');
    const stamp = String(random.below(1_000_000));
    const emails = [`c${stamp}@a.mx`, `d${stamp}@a.mx`];
    const patch = { title: `z${stamp}` };
    const [patched, ...answers] = await Promise.all([
      app.ask({ to: `PATCH /v1/leads/${leadId}`, body: patch, headers: random.pick(users()) }),
      ...emails.map((email) => submitForm(app.url, edith, '/card/edit', { ...form, 'f:email': email })),
    ]);
    assert.equal(patched.status, 200, patched.text);
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 412]);
    const email = emails.find((_email, at) => answers[at]?.status === 200);
    model.change(leadId, { ...patch, email });
  }

  /** Two users send patches that were made of the same reading; with its tag one of them wins, without all count. */
  async function race(model: Model, random: SeededRandom, leadId: number): Promise<void> {
    const tag = random.chance(0.5) ? String((await get(leadId)).headers.etag) : undefined;
    // Both change something: what changes nothing refuses nobody.
    const stamp = String(random.below(1_000_000));
    const patches = [
      { email: `x${stamp}@a.mx`, ...(random.chance(0.5) && { custom_info: { RFC: stamp } }) },
      { title: `y${stamp}` },
    ];
    const answers = await Promise.all(
      patches.map((body, at) =>
        app.ask({
          to: `PATCH /v1/leads/${leadId}`,
          body,
          headers: { ...(users()[at] ?? {}), ...(tag !== undefined && { 'if-match': tag }) },
        }),
      ),
    );
    const done = patches.filter((_patch, at) => answers[at]?.status === 200);
    assert.equal(done.length, tag === undefined ? 2 : 1, answers.map(({ text }) => text).join('\n'));
    for (const patch of done) model.change(leadId, patch);
  }

  async function step(model: Model, random: SeededRandom): Promise<void> {
    const headers = random.pick(users());
    const leadId = random.pick(model.present);
    const kind = random.below(13);
    if (kind === 0) {
      const patch = randomPatch(random);
      const made = await app.ask({ to: 'POST /v1/leads', body: { ...patch, list_id: 1 }, headers });
      assert.equal(made.status, 201, made.text);
      model.change(Number(made.json.lead_id), { is_customer: false, ...patch });
    } else if (kind === 1 && model.present.length > 2) {
      assert.equal((await app.ask({ to: `DELETE /v1/leads/${leadId}`, headers })).status, 204);
      model.leads.set(leadId, undefined);
    } else if (kind === 2) {
      const city = random.pick(['Mérida', 'Toluca']);
      await importCity(leadId, city);
      model.change(leadId, { city });
    } else if (kind === 3) {
      const noted = await app.ask({ to: `POST /v1/leads/${leadId}/notes`, body: { text: 'note' }, headers });
      assert.equal(noted.status, 201);
    } else if (kind <= 6) {
      await race(model, random, leadId);
    } else if (kind === 7) {
      await raceOnCard(model, random, leadId);
    } else if (kind <= 9) {
      await useCard(model, random, leadId);
    } else {
      const patch = randomPatch(random);
      const changed = await app.ask({ to: `PATCH /v1/leads/${leadId}`, body: patch, headers });
      assert.equal(changed.status, 200, changed.text);
      model.change(leadId, patch);
    }
  }

  async function changesOf(leadId: number): Promise<readonly Change[]> {
    const { json } = await app.ask({ to: `GET /v1/leads/${leadId}/timeline?limit=100` });
    const entries = json.entries as readonly Change[];
    assert.equal(json.total, entries.length, 'all of it on one page');
    return entries.filter(({ type }) => type === 'change');
  }

  /** What its changes, from the oldest on, make of a lead as it was. */
  function replay(first: Fields | undefined, changes: readonly Change[]): Fields | undefined {
    const model = new Model();
    model.leads.set(0, first);
    for (const { before, after } of changes.toReversed()) {
      const lead = model.leads.get(0);
      if (lead !== undefined && before !== null && after !== null) {
        const now = Object.entries(before).filter(([field]) => field !== 'custom_info');
        for (const [field, value] of now) assert.deepEqual(lead[field] ?? null, value, field);
      }
      if (after === null) model.leads.set(0, undefined);
      else model.change(0, after);
    }
    return model.leads.get(0);
  }

  for (const seed of ['records 1', 'records 2']) {
    it(`lose nothing; the timeline tells it all, and undoing all of it leads back (${seed})`, async () => {
      const random = new SeededRandom(seed);
      const model = new Model();
      const first = new Map<number, Reply>();
      for (const leadId of [10, 20]) {
        first.set(leadId, await get(leadId));
        model.leads.set(leadId, first.get(leadId)?.json);
      }
      const known = new Map<number, number>();
      for (const leadId of first.keys()) known.set(leadId, (await changesOf(leadId)).length);
      for (let count = 0; count < STEPS; count += 1) await step(model, random);

      const all: { leadId: number; changeId: number }[] = [];
      for (const [leadId, expected] of model.leads) {
        const answer = await get(leadId);
        assert.equal(answer.status, expected === undefined ? 404 : 200);
        if (expected !== undefined) assert.deepEqual(fieldsOf(answer.json), fieldsOf(expected));
        const changes = await changesOf(leadId);
        const own = changes.slice(0, changes.length - (known.get(leadId) ?? 0));
        const replayed = replay(first.get(leadId)?.json, own);
        assert.deepEqual(replayed && fieldsOf(replayed), expected && fieldsOf(expected));
        all.push(...own.map(({ change_id: changeId }) => ({ leadId, changeId })));
      }

      for (const { leadId, changeId } of all.sort((a, b) => b.changeId - a.changeId)) {
        const undone = await app.ask({ to: `POST /v1/leads/${leadId}/changes/${changeId}/undo` });
        assert.ok(undone.status < 300, `${leadId} ${changeId}: ${undone.text}`);
      }
      for (const leadId of model.leads.keys()) {
        const { status, text, headers } = await get(leadId);
        const before = first.get(leadId);
        assert.equal(status, before === undefined ? 404 : 200);
        if (before !== undefined) assert.deepEqual([text, headers.etag], [before.text, before.headers.etag]);
      }
    });
  }
});
