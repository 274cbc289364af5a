import type { LeadTextField } from '../core/lead.ts';
import { planAddresses } from './address-columns.ts';
import { planDates } from './column-dates.ts';
import type { ColumnPlan, ColumnUse, CustomColumn } from './column-plan.ts';
import { type ColumnRole, customField } from './column-role.ts';
import type { ColumnSamples } from './column-samples.ts';
import { hasSeveralEmails } from './emails.ts';
import { type FileField, isFileField } from './file-field.ts';
import { type AddressPart, isPhoneMeaning, type Meaning } from './meaning.ts';
import { planNames } from './name-columns.ts';
import { planNumbers } from './number-columns.ts';
import { countNumbers } from './numbers-in-cell.ts';
import { columnsOf, derivedColumn, type PlanContext } from './plan-context.ts';
import { isMisread } from './words.ts';
import { ADDRESS_FIELDS, isTextField, planTexts } from './text-columns.ts';

/** Puts columns that belong together into the fields of a lead. */
export function buildPlan(
  header: readonly string[],
  roles: readonly (ColumnRole | undefined)[],
  samples: ColumnSamples,
  { format, isOwn, notices }: Pick<ColumnPlan, 'format' | 'isOwn' | 'notices'>,
): ColumnPlan {
  const context: PlanContext = { header, roles, samples, format, isOwn };
  const numbers = planNumbers(context);
  const numberColumns = numbers.map(({ at }) => at);
  const mostNumbers = mostNumbersOf(numbers, samples, isOwn);
  const emails = columnsOf(context, 'email', 'e-mail');
  const furtherEmails = otherEmails(context, emails);
  const names = planNames(context);
  const { addresses, custom: otherAddresses } = planAddresses(context);
  const hasTwo = mostNumbers > 1;
  return {
    width: roles.findLastIndex((role) => role?.is !== 'unnamed') + 1,
    texts: planTexts(context, {
      numbers: numberColumns,
      hasTwo,
      names,
      addresses,
      email: emails[0],
      hasFurtherEmails: furtherEmails.length > 0,
    }),
    others: otherFields(context),
    custom: [...customColumns(context), ...furtherEmails, ...otherAddresses],
    ignored: new Set([...roles.keys()].filter((at) => roles[at]?.is === 'left out')),
    numbers,
    hasFurtherNumbers: mostNumbers > 2,
    emails: furtherEmails.length > 0 ? emails : [],
    names,
    addresses,
    dates: planDates(context),
    repeated: [...roles.entries()].flatMap(([at, role]) =>
      role?.is === 'left out' && role.of !== undefined ? [{ at, of: role.of }] : [],
    ),
    isMisread: !isOwn && samples.some(isMisread),
    isOwn,
    format,
    uses: describe(context, numberColumns),
    notices,
  };
}

/** How many numbers a row can have: a column may hold several in a cell. */
function mostNumbersOf(numbers: ColumnPlan['numbers'], samples: ColumnSamples, isOwn: boolean): number {
  if (isOwn) return numbers.length;
  const inCells = numbers.map(({ at }) => Math.max(1, ...samples.valuesOf(at).map(countNumbers)));
  return inCells.reduce((sum, most) => sum + most, 0);
}

/** Addresses of e-mail after a row's first one. */
function otherEmails(context: PlanContext, emails: readonly number[]): readonly CustomColumn[] {
  const [first] = emails;
  const hasMore = emails.length > 1 || emails.some((at) => context.samples.are(at, hasSeveralEmails, 0));
  if (first === undefined || context.isOwn || !hasMore) return [];
  return [{ ...derivedColumn(context, first, 'other_emails', 'Other e-mails'), from: 'e-mails' }];
}

function customColumns({ header, roles }: PlanContext): readonly CustomColumn[] {
  const custom: CustomColumn[] = [];
  for (const [at, role] of roles.entries()) {
    const written = header[at] ?? '';
    if (role?.is === 'custom') {
      const { field, lists } = role;
      const caption = lists === undefined ? (field.caption ?? written.trim()) : (field.caption ?? '');
      const isGuessed = !role.byFlag;
      custom.push({
        at,
        header: written,
        field: customField(field.label, field.type, caption),
        lists,
        isGuessed,
      });
    }
    if (role?.is !== 'known' || role.meaning !== 'company') continue;
    custom.push({
      at,
      header: written,
      field: customField('company', 'TEXT', written.trim()),
      lists: undefined,
      isGuessed: true,
    });
  }
  return custom;
}

function otherFields({ roles }: PlanContext): ColumnPlan['others'] {
  const others: Partial<Record<Exclude<FileField, LeadTextField>, number>> = {};
  for (const [at, role] of roles.entries()) {
    if (role?.is !== 'known' || !isFileField(role.meaning) || isTextField(role.meaning)) continue;
    others[role.meaning] = at;
  }
  return others;
}

/** What each column with a name became. */
function describe({ header, roles }: PlanContext, numbers: readonly number[]): readonly ColumnUse[] {
  return [...header.entries()].flatMap(([at, written]): readonly ColumnUse[] => {
    const role = roles[at];
    const name = written.trim();
    if (role?.is === 'custom') return [{ header: name, became: `custom field ${role.field.label}` }];
    if (role?.is === 'left out') return [{ header: name, became: undefined, leftOut: role.because }];
    if (role?.is !== 'known') return [];
    return [{ header: name, became: usedAs(role.meaning, numbers.indexOf(at)) }];
  });
}

/** What columns are called that are no field by themselves. */
const USES: Partial<Record<Meaning, string>> = {
  'whole name': 'first_name and last_name',
  paternal: 'last_name',
  maternal: 'last_name',
  'e-mail': 'email',
  'street number': 'address1',
  company: 'custom field company',
  'area code': 'area code of the numbers',
  label: 'kind of the number',
  'birth year': 'date_of_birth',
  'birth month': 'date_of_birth',
  'birth day': 'date_of_birth',
};

function usedAs(meaning: Meaning, place: number): string {
  if (isPhoneMeaning(meaning)) return ['phone_number', 'alt_phone'][place] ?? 'further number';
  const part = /^address \d+ (.+)$/.exec(meaning)?.[1];
  return part === undefined ? (USES[meaning] ?? meaning) : ADDRESS_FIELDS[part as AddressPart];
}
