import { type ImportWords, say } from './import-words.ts';

const more = (count: number, before = ' and ') => (count > 0 ? `${before}${count} more` : '');

/** What programs are told, too. */
export const ENGLISH_IMPORT: ImportWords = {
  kept: {
    noRowOfFile: 'nobody was removed, because no row of the file was taken',
    noRowOfOneFile: 'nobody was removed, because no row of one of the files was taken',
    rejects:
      'nobody was removed, because the rejected rows may be of people who are in the file: correct them and run it again, or say --accept-rejects',
  },
  columns: {
    readAs: (format, isExport) => `read as ${isExport ? 'an export of ' : ''}${format}`,
    columns: (renamed, others) =>
      `columns: ${renamed}${others === 0 ? '' : `; ${others} more by ${others === 1 ? 'its own name' : 'their own names'}`}`,
    further: (what, field) =>
      `further addresses${what === 'e-mails' ? ' of e-mail' : ''} of a row → custom field ${field}`,
    leftOut: (columns) => `left out: ${columns}`,
    theFile: 'the file',
    why: {
      format: (program) => `${program} writes it for itself`,
      empty: 'no row has anything in it',
      repeated: 'the same as another column of that name',
      unknown: 'not known',
    },
    emptyColumns: (count) => `${count} columns without any value`,
    more,
  },
  notices: {
    headerAt: (line) => `the header is line ${line}`,
    notUtf8: () => 'is not UTF-8 and was read as Windows-1252 (Latin 1)',
    vicidialLoad: () => 'has no line of names; it is read as a standard lead load file of VICIdial',
    otherSheets: (sheet, others, count) =>
      `the sheet "${sheet}" is read, and not ${others}${more(count)}; choose with --sheet NAME`,
    mixedCards: (own, all) =>
      `has ${own} cards of an export of callercard among ${all}; all are read as those of other programs, without list, status and custom fields`,
    captionsUnreadable: () => 'the captions of the custom fields cannot be read',
    foreignIds: () =>
      'lead_id is kept as the custom field external_lead_id; where it is this store’s own, say --map "lead_id=lead_id"',
    nearField: (column, field, known) =>
      `"${column}" became a custom field; if it is ${field} (as "${known}"), say --map "${column}=${field}"`,
    profileUsed: (name) => `read with the profile "${name}", which has the same header`,
    openDates: (columns, usual, country) =>
      `dates of ${columns} may have day or month first; read with the ${usual === 'dmy' ? 'day' : 'month'} first, as in ${country}; if that is wrong, import again with --dates ${usual === 'dmy' ? 'mdy' : 'dmy'}`,
  },
  values: {
    phone: (clause) => clause,
    noNumberWithin: (parts, count) => `has ${parts}${more(count)} in it, which is no number`,
    beyondKept: (most, others) => `is beyond the ${most} that are kept${more(others, ', with ')}`,
    beyondAddresses: (most, others) =>
      `is beyond the ${most} addresses that are kept${more(others, ', with ')}`,
    beyondColumns: () => 'is one number more than the file has columns for',
    noGender: () => 'is no gender that is known',
    noCountry: () => 'is no country that is known',
    noDay: () => 'is no day of the calendar',
    noMoment: () => 'is not YYYY-MM-DD HH:MM:SS',
    noFurtherNumbers: () => 'is no JSON array of labels and numbers',
    noYesNo: () => 'is neither 0 or no nor 1 or yes',
    noType: (type) => `is no ${type}`,
  },
  warnings: {
    leftOut: (column, value, fault) =>
      `${column} ${value} ${say(ENGLISH_IMPORT.values, fault)}; it was left out`,
    doubtful: (column, value, fault) => `${column} ${value} ${say(ENGLISH_IMPORT.values, fault)}`,
    moreLeftOut: (column, count) => `${column} has ${count} more such numbers; they were left out`,
    differs: (column, value, first) =>
      `column ${column} ${value} differs from column ${first} of the same name; it was left out`,
  },
};
