import type { CustomInfo } from './lead.ts';

/** Custom values as JSON. By hand, because an object would move labels such as `2024` to its beginning. */
export function writeCustom(custom: CustomInfo | null): string {
  if (custom === null) return 'null';
  return `{${custom.map(([label, value]) => `${JSON.stringify(label)}:${JSON.stringify(value)}`).join(',')}}`;
}
