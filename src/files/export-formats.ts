/** The formats of `export`, each of which `import` reads back. */
export const EXPORT_FORMATS = ['csv', 'xlsx', 'vcf', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
