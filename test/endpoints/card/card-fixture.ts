import assert from 'node:assert/strict';

import type { AppOverrides } from '../../../src/app.ts';
import { fillOwn, indexAll, type DescribedLead, type DescribedUser } from '../../stores/described-store.ts';
import { describeDataset, readDataset } from '../../support/dataset.ts';
import { send, startTestApp, temporaryFolder, type Answer, type TestApp } from '../../support/test-app.ts';

/** Somebody with everything: several lines, custom values of every kind. */
export const GUADALUPE: DescribedLead = {
  lead_id: 2_000_001,
  list_id: 22_799_127,
  title: 'Sra',
  first_name: 'Guadalupe',
  middle_initial: 'R',
  last_name: 'Hernández Íñiguez',
  phone_number: '8111112222',
  alt_phone: '(81) 3333 4444',
  email: 'guadalupe.hernandez@example.com',
  address1: 'Av. Vallarta 1450',
  address2: 'Interior 12',
  city: 'Guadalajara',
  state: 'Jalisco',
  postal_code: '44160',
  country_code: 'MX',
  gender: 'F',
  date_of_birth: '1984-03-09',
  status: 'CALLBK',
  user: 'agent2',
  comments:
    'Prefers to be called after 18:00.\nAsked twice about the renewal of her policy; the last quote was 12,450 MXN.',
  isCustomer: true,
  lastLocalCallTime: '2026-06-01 10:00:00',
  further: [
    { number: '8155556666', label: "Her sister's house <b>" },
    { number: '+1 212 555 0142', label: 'Oficina en Nueva York, donde contesta también la recepcionista' },
    { number: 'after 6 p.m.', label: 'OficinaDeLaTardeSinEspaciosEnSuNombreQueEsMuyLargo' },
    { number: '8155550001' },
    { number: '8155550002', label: 'Fax' },
    { number: '8155550003', label: 'WhatsApp' },
  ],
  custom: [
    ['policy_number', 'P-204817'],
    ['renewal_date', '2027-04-12'],
    ['plan', 'gold'],
    ['visits', 1240],
    ['channels', 'phone,whatsapp'],
    ['notes', 'First line\nSecond line'],
    ['empty', null],
  ],
};

/** Text that wants to be a script. */
export const MALLORY: DescribedLead = {
  lead_id: 2_000_003,
  list_id: 22_799_125,
  first_name: '<script>document.title="taken"</script>',
  last_name: '"><img src=x onerror="document.title=\'taken\'">',
  phone_number: '8166667777',
  email: '"><script>document.title="taken"</script>@example.com',
  address1: "' onmouseover='document.title=1",
  comments:
    'Asks much.\n<script>document.title="taken"</script><img src=x onerror="document.title=\'taken\'"></p>',
};

/** Says no to calls, and has no name. */
export const NAMELESS: DescribedLead = {
  lead_id: 2_000_002,
  list_id: 22_799_125,
  phone_number: '8144445555',
  further: [{ number: '81 5555 6666' }],
  status: 'DNC',
  date_of_birth: '2999-01-01',
};

/** Two more of her first name, in other lists. */
const NAMESAKES: readonly DescribedLead[] = [
  {
    lead_id: 2_000_004,
    list_id: 22_799_125,
    first_name: 'Guadalupe',
    last_name: 'Herrera',
    phone_number: '3336660004',
    city: 'Zapopan',
    status: 'NEW',
    isCustomer: true,
  },
  {
    lead_id: 2_000_005,
    list_id: 22_799_126,
    first_name: 'María Guadalupe',
    last_name: 'Peña',
    phone_number: '9996660005',
    city: 'Mérida',
  },
];

/** As the README shows a customer. */
const ROSA: DescribedLead = {
  lead_id: 2_000_006,
  list_id: 22_799_127,
  title: 'Lic',
  first_name: 'Rosa',
  last_name: 'Mendoza Lara',
  phone_number: '3312340006',
  alt_phone: '3387650006',
  further: [{ number: '5570010006', label: 'office' }],
  email: 'rosa.mendoza@example.com',
  address1: 'Av. Vallarta 1450',
  address2: 'Interior 12',
  city: 'Guadalajara',
  state: 'Jalisco',
  postal_code: '44160',
  country_code: 'MX',
  date_of_birth: '1984-03-09',
  status: 'CALLBK',
  user: 'agent2',
  comments:
    'Prefers to be called after 18:00.\nAsked for a quote for the gold plan, which was sent on May 4. Wants to know whether her daughter can be on it, too.\nAt the office her sister answers.',
  isCustomer: true,
  custom: [
    ['policy_number', 'P-204817'],
    ['renewal_date', '2027-04-12'],
    ['plan', 'silver'],
    ['visits', 12],
  ],
};

const LIST = {
  list_id: 22_799_127,
  name: 'Pólizas',
  fields: [
    { label: 'policy_number', type: 'TEXT' },
    { label: 'renewal_date', type: 'DATE' },
    { label: 'plan', type: 'SELECT' },
    { label: 'visits', type: 'NUMBER' },
    { label: 'channels', type: 'CHECKBOX' },
    { label: 'notes', type: 'AREA' },
    { label: 'empty', type: 'TEXT' },
  ],
} as const;

/** May change customers. */
export const EDITH: DescribedUser = { name: 'Edith', password: 'MyPass', rights: ['card', 'edit'] };

/** At whom calls of pictures ring. */
const CARLA: DescribedUser = { name: 'Carla', password: 'MyPass', rights: ['card'] };

/** A listening app with the contract's data set and the people above, and Edith; all are found by name. */
export function startCardApp(
  overrides: Parameters<typeof startTestApp>[2] & AppOverrides = {},
  folder = temporaryFolder(),
): Promise<TestApp> {
  const dataset = describeDataset(readDataset());
  const described = {
    ...dataset,
    lists: [...dataset.lists, LIST],
    leads: [...dataset.leads, GUADALUPE, MALLORY, NAMELESS, ...NAMESAKES, ROSA],
    users: [...dataset.users, EDITH, CARLA],
  };
  return startTestApp(
    folder,
    async (store) => {
      await fillOwn(store, described);
      await indexAll(store);
    },
    overrides,
  );
}

/** A browser's way with cookies and forms, without a browser. */
export interface CardClient {
  readonly cookies: Map<string, string>;
  /** Goes where the card leads on to, as a browser does. */
  get(target: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** The first answer, which may lead on. */
  getOnce(target: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  post(
    target: string,
    form: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** Fills in the form of the page. */
  signIn(user?: string, password?: string, form?: Readonly<Record<string, string>>): Promise<Answer>;
}

export function createCardClient(url: string): CardClient {
  const cookies = new Map<string, string>();

  async function ask(target: string, sent: Parameters<typeof send>[2] = {}): Promise<Answer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(cookie === '' ? {} : { cookie }), ...sent.headers };
    const answer = await send(url, target, { ...sent, headers });
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  }

  const client: CardClient = {
    cookies,
    async get(target, headers = {}) {
      const answer = await ask(target, { headers });
      const { location = '' } = answer.headers;
      return location.startsWith('/card?') ? client.get(location, headers) : answer;
    },
    getOnce: (target, headers = {}) => ask(target, { headers }),
    post: (target, form, headers = {}) =>
      ask(target, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(form).toString(),
      }),
    async signIn(user = 'MyUser', password = 'MyPass', form = {}) {
      const token = tokenIn(await client.get('/card'));
      return client.post('/card/sign-in', { token, user, password, ...form });
    },
  };
  return client;
}

/** What a form of the page sends back. */
export function tokenIn({ text }: Answer): string {
  return /name="token" value="([^"]*)"/.exec(text)?.[1] ?? '';
}

/** What people read on the page. */
export function seenIn({ text }: Answer): string {
  const [, main = ''] = /<main[^>]*>([^]*)<\/main>/.exec(text) ?? [];
  return main
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The fields of a form; several values of one name as a list. */
export type Form = Record<string, string | readonly string[]>;

/** The fields of the form whose `data-edit` is this, as a browser sends them where nobody changes anything. */
export function formIn({ text }: Answer, key: string): Form {
  const [, form = ''] = new RegExp(`data-edit="${key}"[^]*?<form([^]*?)</form>`).exec(text) ?? [];
  assert.notEqual(form, '', `a form ${key}`);
  return fieldsIn(form);
}

/** The fields of the forms in a piece of HTML. */
export function fieldsIn(html: string): Form {
  const fields: Form = {};
  const plain = (value: string) =>
    value
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&');
  for (const [tag] of html.matchAll(/<input[^>]*>/g)) {
    const [, name = ''] = /name="([^"]*)"/.exec(tag) ?? [];
    const [, value = ''] = /value="([^"]*)"/.exec(tag) ?? [];
    if (/type="(?:checkbox|radio)"/.test(tag) && !/\schecked/.test(tag)) continue;
    const before = fields[name];
    fields[name] = before === undefined ? plain(value) : [...[before].flat(), plain(value)];
  }
  for (const [, name = '', text = ''] of html.matchAll(/<textarea[^>]*name="([^"]*)"[^>]*>\n?([^<]*)/g)) {
    fields[name] = plain(text).replaceAll('\n', '\r\n');
  }
  for (const [, name = '', options = ''] of html.matchAll(
    /<select[^>]*name="([^"]*)"[^>]*>([^]*?)<\/select>/g,
  )) {
    fields[name] = plain(/value="([^"]*)" selected/.exec(options)?.[1] ?? '');
  }
  return fields;
}

/** Sends a form as a browser that is signed in, and goes where it leads. */
export async function submitForm(
  url: string,
  client: CardClient,
  path: string,
  form: Form,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const pairs = Object.entries(form).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  const body = new URLSearchParams(pairs as [string, string][]).toString();
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const type = 'application/x-www-form-urlencoded';
  const sent = { method: 'POST', headers: { 'content-type': type, cookie, ...headers }, body };
  const answer = await send(url, path, sent);
  const { location } = answer.headers;
  return location === undefined ? answer : client.get(location, headers);
}
