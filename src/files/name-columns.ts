import type { NameColumns } from './column-plan.ts';
import { normaliseName } from './file-field.ts';
import { columnsOf, type PlanContext } from './plan-context.ts';

/** Names of columns of Spanish and Portuguese speakers, whose names have two surnames. */
const IBERIAN = /nombre|nome|apellido|cliente|persona|titular|contato/;

/**
 * The columns that a name is put together from; undefined where first and last name are their own columns and there is
 * nothing else.
 */
export function planNames(context: PlanContext): NameColumns | undefined {
  const [whole] = columnsOf(context, 'whole name');
  const [company] = columnsOf(context, 'company');
  if (context.isOwn || (whole === undefined && company === undefined)) return undefined;
  const [first] = columnsOf(context, 'first_name');
  const surnames = [...columnsOf(context, 'paternal'), ...columnsOf(context, 'maternal')];
  const last = surnames.length > 0 ? surnames : columnsOf(context, 'last_name').slice(0, 1);
  const wholeName = whole === undefined ? '' : normaliseName(context.header[whole] ?? '');
  return {
    first,
    last,
    whole,
    company,
    companyPart: whole === undefined && last.length === 0 && first !== undefined ? 'first' : 'last',
    isIberian: IBERIAN.test(wholeName),
    isSurnameFirst: /^(?:apellido|surname|last_name|sobrenome)/.test(wholeName),
  };
}
