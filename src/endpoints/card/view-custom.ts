import type { CustomFieldType, CustomInfo, CustomValue } from '../../core/lead.ts';
import { readDate, writeDate } from './view-birth.ts';

/** What is known of a custom field. */
export interface FieldCaption {
  readonly label: string;
  readonly type: CustomFieldType;
  /** What stands before it on a form; the label where there is nothing else. */
  readonly caption?: string;
  readonly help?: string | undefined;
}

export interface CustomView {
  readonly caption: string;
  readonly help: string | undefined;
  /** `lines`: with line breaks; `items`: several values. */
  readonly kind: 'text' | 'number' | 'lines' | 'items';
  readonly values: readonly string[];
}

/** The custom values of a lead in their list's order; those without a value are left out. */
export function viewCustom(
  custom: CustomInfo | null,
  fields: readonly FieldCaption[],
  tag: string,
): readonly CustomView[] {
  const known = new Map(fields.map((field) => [field.label, field]));
  return (custom ?? []).flatMap(([label, value]) => {
    if (value === null || value === '') return [];
    const field = known.get(label);
    const { kind, values } = viewValue(value, field?.type ?? 'TEXT', tag);
    const caption = captionOf(label, field);
    return values.length === 0 ? [] : [{ caption, help: helpOf(field, caption), kind, values }];
  });
}

function captionOf(label: string, field: FieldCaption | undefined): string {
  const caption = field?.caption?.trim() ?? '';
  // A label is a column's name: without a caption, its underscores at least need not be read.
  const shown = caption === '' || caption === label ? label.replaceAll('_', ' ') : caption;
  return shown.slice(0, 1).toUpperCase() + shown.slice(1);
}

function helpOf(field: FieldCaption | undefined, caption: string): string | undefined {
  const help = field?.help?.trim() ?? '';
  return help === '' || help === caption ? undefined : help;
}

function viewValue(
  value: Exclude<CustomValue, null>,
  type: CustomFieldType,
  tag: string,
): Pick<CustomView, 'kind' | 'values'> {
  if (typeof value === 'number') {
    return { kind: 'number', values: [new Intl.NumberFormat(tag).format(value)] };
  }
  switch (type) {
    case 'AREA':
      return { kind: 'lines', values: [value] };
    case 'CHECKBOX':
    case 'MULTI':
      return { kind: 'items', values: itemsOf(value) };
    case 'DATE': {
      const date = readDate(value);
      return {
        kind: 'number',
        values: /^[0-]+$/.test(value) ? [] : [date === undefined ? value : writeDate(date, tag)],
      };
    }
    case 'TIME':
      return { kind: 'number', values: [value] };
    case 'TEXT':
    case 'SELECT':
    case 'RADIO':
    case 'NUMBER':
      return { kind: 'text', values: [value] };
  }
}

/** The dialer keeps several choices in one text, with commas between. */
function itemsOf(value: string): readonly string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
