import type { ImportRow } from '../../core/lead-archive.ts';
import type { RowImportValues, RowValues } from '../import-values.ts';

/** What a row writes is asked for when its leads are read, and again when it is decided. `forget` ends a batch. */
export function rememberRowValues(values: RowImportValues): RowImportValues & { forget(): void } {
  const known = new Map<ImportRow, RowValues>();
  return {
    ...values,
    of(row) {
      const rowValues = known.get(row) ?? values.of(row);
      known.set(row, rowValues);
      return rowValues;
    },
    forget: () => known.clear(),
  };
}
