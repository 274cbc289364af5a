import type { ErasureReceipt } from '../../../core/person-documents.ts';
import type { ErasedRows } from '../../../core/person-store.ts';
import type { Reader } from '../../pages/reader.ts';
import type { PrivacyWords } from './privacy-words.ts';

/** A receipt as the page shows it, with the file of it: nothing of it is kept here. */
export function viewReceipt(receipt: ErasureReceipt, reader: Reader, words: PrivacyWords) {
  const { at, by, leadIds, removed, files, remains, digest } = receipt;
  const time = new Intl.DateTimeFormat(reader.tag, { dateStyle: 'long', timeStyle: 'medium' });
  const counts = (Object.keys(words.rows) as (keyof ErasedRows)[])
    .filter((name) => removed[name] > 0)
    .map((name) => `${words.rows[name]}: ${removed[name]}`);
  return {
    at,
    when: time.format(Date.parse(at)),
    by,
    leads: leadIds.map((leadId) => words.leadOf(String(leadId))).join(', '),
    removed: counts.join(', ') || words.nothing,
    files: files.areClean ? [...files.done, ...files.deleted] : [words.unclean, ...files.left],
    remains,
    digest,
    file: Buffer.from(`${JSON.stringify(receipt, null, 2)}\n`).toString('base64'),
  };
}
