import { LEAD_TEXT_FIELDS, type CustomField, type CustomValue, type LeadTextField } from '../core/lead.ts';
import type { ImportColumns, ImportRow } from '../core/lead-archive.ts';

export interface DemoList {
  readonly listId: number;
  readonly name: string;
  readonly customFields: readonly CustomField[];
}

/** Lists with and without custom fields. */
export const DEMO_LISTS: readonly DemoList[] = [
  { listId: 22799125, name: 'Guadalajara', customFields: [] },
  {
    listId: 22799126,
    name: 'Pólizas',
    customFields: [
      { label: 'policy', type: 'TEXT' },
      { label: 'renewal_date', type: 'DATE' },
      { label: 'plan', type: 'SELECT' },
      { label: 'visits', type: 'NUMBER' },
    ],
  },
  { listId: 22799127, name: 'Monterrey', customFields: [] },
  { listId: 22799128, name: 'Soporte', customFields: [{ label: 'ticket', type: 'NUMBER' }] },
];

/** The demo's leads have every field. */
export const DEMO_COLUMNS: ImportColumns = {
  texts: LEAD_TEXT_FIELDS,
  isCustomer: true,
  lastLocalCallTime: true,
};

/** The lead of the document's example answer, to the letter (docs/get-customer-information.txt). */
export const EXAMPLE_LEAD: ImportRow = {
  leadId: 14246,
  listId: 22799125,
  texts: textsOf({
    title: 'Lic',
    first_name: 'Bruno',
    middle_initial: 'M',
    last_name: 'Macias',
    phone_number: '8004321000',
    alt_phone: '5587654321',
    email: 'brunoramiro@email.com',
    address1: 'Av. Reforma 123',
    address2: 'Interior 4B',
    address3: 'Col. Centro',
    city: 'Guadalajara',
    state: 'Jalisco',
    province: 'Ontario',
    postal_code: '44100',
    country_code: 'MX',
    gender: 'U',
    date_of_birth: '1825-10-23',
    status: 'PU',
    user: 'Bruno',
    comments: 'Additional information was requested.',
  }),
  isCustomer: false,
  lastLocalCallTime: null,
  modifyDate: undefined,
  custom: new Map(),
};

const WOMEN = [
  'María',
  'Guadalupe',
  'Sofía',
  'Valentina',
  'Ximena',
  'Camila',
  'Renata',
  'Daniela',
  'Lucía',
  'Elena',
];
const MEN = ['José', 'Luis', 'Santiago', 'Mateo', 'Diego', 'Emiliano', 'Ángel', 'Miguel', 'Andrés', 'Tomás'];
const SURNAMES = [
  'Hernández',
  'García',
  'Martínez',
  'López',
  'Núñez',
  'Peña',
  'Ramírez',
  'Cruz',
  'Flores',
  'Ávila',
  'Íñiguez',
  'Ortega',
];
const PLACES = [
  { city: 'Guadalajara', state: 'Jalisco', area: '33', postal: '44' },
  { city: 'Monterrey', state: 'Nuevo León', area: '81', postal: '64' },
  { city: 'Ciudad de México', state: 'CDMX', area: '55', postal: '06' },
  { city: 'Puebla', state: 'Puebla', area: '222', postal: '72' },
  { city: 'Mérida', state: 'Yucatán', area: '999', postal: '97' },
];
const STREETS = [
  'Av. Juárez',
  'Calle Hidalgo',
  'Calz. Independencia',
  'Av. Vallarta',
  'Calle Morelos',
  'Paseo Montejo',
];
const STATUSES = ['NEW', 'SALE', 'CALLBK', 'NI', 'A', 'B', 'XFER'];
const AGENTS = ['agent1', 'agent2', 'agent3'];
const PLANS = ['gold', 'silver', 'basic'];

/** Invented people, always the same ones. About one in forty shares the number of the one before. */
export function* demoLeads(count: number): Generator<ImportRow> {
  const random = createRandom(14246);
  let lastNumber = '';
  for (let index = 0; index < count; index += 1) {
    const woman = random(2) === 0;
    const place = pick(PLACES, random);
    const firstName = pick(woman ? WOMEN : MEN, random);
    const lastName = pick(SURNAMES, random);
    const number = index % 40 === 39 ? lastNumber : place.area + digits(10 - place.area.length, random);
    lastNumber = number;
    const list = DEMO_LISTS[random(DEMO_LISTS.length)];
    if (list === undefined) continue;
    yield {
      leadId: 100_001 + index,
      listId: list.listId,
      texts: textsOf({
        title: woman ? 'Sra' : 'Sr',
        first_name: firstName,
        middle_initial: pick(SURNAMES, random).slice(0, 1),
        last_name: `${lastName} ${pick(SURNAMES, random)}`,
        phone_number: number,
        alt_phone: random(3) === 0 ? place.area + digits(10 - place.area.length, random) : null,
        email: random(4) === 0 ? null : `${asciiOf(firstName)}.${asciiOf(lastName)}${index}@example.com`,
        address1: `${pick(STREETS, random)} ${1 + random(2000)}`,
        address2: random(3) === 0 ? `Interior ${1 + random(40)}` : null,
        city: place.city,
        state: place.state,
        postal_code: place.postal + digits(3, random),
        country_code: 'MX',
        gender: woman ? 'F' : 'M',
        date_of_birth: `${1950 + random(55)}-${two(1 + random(12))}-${two(1 + random(28))}`,
        status: pick(STATUSES, random),
        user: pick(AGENTS, random),
      }),
      isCustomer: random(5) === 0,
      lastLocalCallTime:
        random(2) === 0
          ? null
          : `2026-${two(1 + random(9))}-${two(1 + random(28))} ${two(9 + random(9))}:${two(random(60))}:00`,
      modifyDate: undefined,
      custom: new Map(list.customFields.map(({ label }) => [label, customValue(label, random)])),
    };
  }
}

function textsOf(
  fields: Readonly<Partial<Record<LeadTextField, string | null>>>,
): readonly (string | null)[] {
  return LEAD_TEXT_FIELDS.map((field) => fields[field] ?? null);
}

function customValue(label: string, random: Random): CustomValue {
  switch (label) {
    case 'policy':
      return `P-${digits(6, random)}`;
    case 'renewal_date':
      return `2027-${two(1 + random(12))}-${two(1 + random(28))}`;
    case 'plan':
      return pick(PLANS, random);
    default:
      return random(40);
  }
}

/** A whole number from 0 up to the limit, without it. */
type Random = (limit: number) => number;

/** Park and Miller's generator: the demo's people are the same everywhere. */
function createRandom(seed: number): Random {
  let state = seed;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * limit);
  };
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[random(items.length)] as Item;
}

/** Digits that begin with none of 0 and 1. */
function digits(count: number, random: Random): string {
  return Array.from({ length: count }, (_, index) => String(index === 0 ? 2 + random(8) : random(10))).join(
    '',
  );
}

function asciiOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[^a-z]/gi, '')
    .toLowerCase();
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
