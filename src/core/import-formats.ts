/** The names by which `--format` knows the programs whose exports are understood. */
export const FORMAT_NAMES = [
  'google',
  'outlook',
  'hubspot',
  'salesforce',
  'odoo',
  'pipedrive',
  'thunderbird',
  '3cx',
  'meta',
  'chatwoot',
  'bitrix24',
  'freepbx',
  'vicidial',
] as const;
