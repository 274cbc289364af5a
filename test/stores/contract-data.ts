import type { CustomField } from '../../src/core/lead.ts';
import type { DescribedLead, StoreDescription } from './described-store.ts';

/** Something in every documented field. */
export const TEXTS = {
  lead_id: 10,
  list_id: 100,
  title: 'Lic',
  first_name: 'Bruno',
  middle_initial: 'M',
  last_name: "O'Brien & <Ñandú>",
  phone_number: '5500000010',
  alt_phone: '5500000011',
  email: 'a+b@example.com',
  address1: 'C:\\temp\\x / slash',
  address2: 'Interior 4B',
  address3: 'Col. Centro',
  city: 'São Paulo',
  state: 'JA',
  province: 'Ontario',
  postal_code: '44100',
  country_code: 'MX',
  gender: 'F',
  date_of_birth: '1825-10-23',
  status: 'PU',
  user: 'Bruno',
  comments: 'first line\nsecond line',
} as const;

const FIELDS: readonly CustomField[] = [
  { label: 'zeta', type: 'TEXT' },
  { label: '2024', type: 'TEXT' },
  { label: '1', type: 'TEXT' },
  { label: '__proto__', type: 'TEXT' },
  { label: 'constructor', type: 'TEXT' },
  { label: 'select', type: 'SELECT' },
  { label: 'order', type: 'RADIO' },
  { label: 'visits', type: 'NUMBER' },
  { label: 'renewal', type: 'DATE' },
  { label: 'notes', type: 'AREA' },
];

const FULL: DescribedLead = {
  ...TEXTS,
  isCustomer: true,
  lastLocalCallTime: '2026-05-01 10:00:00',
  modifyDate: '2026-05-02 10:00:00',
};

function withNumber(
  lead_id: number,
  list_id: number,
  phone_number: string,
  more: Partial<DescribedLead> = {},
): DescribedLead {
  return { lead_id, list_id, phone_number, ...more };
}

const CALLED_EARLY = { lastLocalCallTime: '2026-01-05 10:00:00' };
const CALLED_LATE = { lastLocalCallTime: '2026-06-07 09:30:00' };
const MODIFIED_LATE = { modifyDate: '2026-07-01 00:00:00' };

const SPECIAL_TEXTS = [
  '😀 𝒞𝒶𝓁𝓁 𠮷野家 👩‍👩‍👧',
  'e\u0301 \u00e9 \u1e9b\u0323 ﬁ',
  'שלום عليكم \u202eabc\u202c',
  'ctrl \u0001\u0008\u000b\u000c\u001f\u007f\u0085 end',
  'tab\tcr\rcrlf\r\nlf\n',
  "quotes ' \" ` \\ \\' %_ ; -- /* */",
  '\ufeffBOM \ufffe\uffff \ufffd',
  ' spaces at both ends ',
];

/** Holds a case for everything that a store promises; ids, lists and numbers are named in lead-store.contract.ts. */
export const CONTRACT_DATA: StoreDescription = {
  lists: [
    { list_id: 100, name: 'North' },
    { list_id: 200, name: 'South' },
    { list_id: 300, name: 'Policies', fields: FIELDS },
    // The dialer's largest list id.
    { list_id: 99_999_999_999_999, name: 'Far away' },
  ],
  leads: [
    FULL,
    {
      lead_id: 11,
      list_id: 100,
      first_name: 'Zero',
      last_name: '',
      email: '',
      address1: '',
      date_of_birth: '0000-00-00',
    },
    { lead_id: 20, list_id: 99_999_999_999_999, phone_number: 'none' },
    withNumber(30, 100, '5500000030', { alt_phone: '5500000032', address3: '5500000033' }),
    withNumber(40, 200, '5500000040'),
    withNumber(41, 100, '5500000041', { alt_phone: '5500000040', address3: '5500000040' }),
    withNumber(50, 100, '3312345678'),
    withNumber(51, 200, '523312345678'),
    withNumber(52, 300, '5213312345678'),
    withNumber(60, 200, '5500000060', CALLED_EARLY),
    withNumber(61, 100, '5500000060', CALLED_LATE),
    withNumber(62, 300, '525500000060', { ...MODIFIED_LATE }),
    withNumber(70, 100, '5500000070', CALLED_EARLY),
    withNumber(71, 100, '5500000070', MODIFIED_LATE),
    withNumber(80, 100, '5500000080', { ...CALLED_EARLY, ...MODIFIED_LATE }),
    withNumber(81, 200, '5500000080', CALLED_EARLY),
    withNumber(82, 200, '5500000080', CALLED_EARLY),
    withNumber(90, 300, '5500000090', {
      // In another order than the fields.
      custom: [
        ['visits', 7],
        ['1', 'an earlier one'],
        ['__proto__', 'no prototype'],
        ['constructor', 'no constructor'],
        ['select', 'reserved'],
        ['order', ''],
        ['renewal', '2026-03-31'],
        ['notes', 'Póliza <A&B> "q" 😀'],
        ['2024', 'a label of digits'],
        ['zeta', 'z'],
      ],
    }),
    withNumber(91, 300, '5500000091', { custom: [['visits', 0]] }),
    withNumber(92, 300, '5500000092'),
    ...SPECIAL_TEXTS.map((comments, index) => ({
      lead_id: 1000 + index,
      list_id: 100,
      first_name: comments.slice(0, 20).replace(/[\ud800-\udbff]$/, ''),
      comments,
    })),
  ],
  users: [
    { name: 'Everything', password: 'for Everything' },
    { name: 'Limited', password: 'for Limited', lists: [200, 300] },
    { name: 'Nothing', password: 'for Nothing', lists: [] },
    { name: 'Retired', password: 'for Retired', active: false },
    { name: 'Noapi', password: 'for Noapi', rights: ['card'] },
  ],
};
