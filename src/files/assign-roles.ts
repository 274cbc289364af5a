import { type ColumnRole, customField } from './column-role.ts';
import { type ColumnSamples, hasSeveralWords, looksLikeName, looksLikePhone } from './column-samples.ts';
import { meaningOf } from './dictionary.ts';
import { isFileField, normaliseName, REJECT_COLUMNS } from './file-field.ts';
import type { FileFormat } from './formats/file-format.ts';
import { formatNamed, meaningIn, recogniseFormat } from './formats/known-formats.ts';
import { ESCAPED_COLUMN } from './formulas.ts';
import { applyFlags, type HeaderFlags } from './header-flags.ts';
import { isPhoneMeaning, type Meaning } from './meaning.ts';
import { captionsColumn, isOwnExport, readCaptions } from './own-export.ts';
import { nearestField } from './suggestions.ts';
import { readCustomHeader, readWhole, readYesNo } from './values.ts';
import type { ImportNotice } from './import-words.ts';

type OwnColumn = NonNullable<ReturnType<typeof readCustomHeader>>;

export interface AssignedRoles {
  /** One for each column. */
  readonly roles: readonly (ColumnRole | undefined)[];
  /** The names that nobody knows, but those whose columns are empty. */
  readonly unknown: readonly string[];
  readonly problems: readonly string[];
  readonly notices: readonly ImportNotice[];
  readonly format: FileFormat | undefined;
  readonly isOwn: boolean;
}

/** What callercard adds to the files that it writes. */
const OWN_COLUMNS: readonly string[] = [...REJECT_COLUMNS, ESCAPED_COLUMN];

/** Gives each column its role: by flags, else by format, dictionary and values; what is left is a custom field. */
export function assignRoles(
  header: readonly string[],
  flags: HeaderFlags,
  samples: ColumnSamples,
): AssignedRoles {
  return new RoleAssignment(header, flags, samples).result();
}

class RoleAssignment {
  readonly #header: readonly string[];
  readonly #names: readonly string[];
  readonly #flags: HeaderFlags;
  readonly #samples: ColumnSamples;
  readonly #format: FileFormat | undefined;
  readonly #isOwn: boolean;
  /** Of an export of our own: where captions are, and each by the header of its column. */
  readonly #captionsAt: number | undefined;
  readonly #captions: ReadonlyMap<string, string>;
  /** Only our export writes custom fields as it does. */
  readonly #hasOwnIds: boolean;
  readonly #problems: string[] = [];
  readonly #notices: ImportNotice[] = [];
  readonly #unknown: string[] = [];
  readonly #roles: (ColumnRole | undefined)[];

  constructor(header: readonly string[], flags: HeaderFlags, samples: ColumnSamples) {
    this.#header = header;
    this.#names = header.map(normaliseName);
    this.#flags = flags;
    this.#samples = samples;
    this.#isOwn = isOwnExport(header);
    this.#captionsAt = this.#isOwn ? captionsColumn(header) : undefined;
    this.#captions = this.#readCaptions();
    this.#hasOwnIds = header.some((name) => readCustomHeader(name) !== undefined);
    this.#format = this.#isOwn
      ? undefined
      : flags.format === undefined
        ? recogniseFormat(new Set(this.#names))
        : formatNamed(flags.format);
    this.#roles = applyFlags(header, flags, this.#problems);
  }

  result(): AssignedRoles {
    const flagged = this.#roles.map((role) => role !== undefined);
    for (const at of this.#header.keys()) this.#roles[at] ??= this.#roleOf(at);
    for (const at of this.#header.keys()) if (flagged[at] === false) this.#leaveOutRepeated(at);
    if (!this.#isOwn)
      for (const at of this.#header.keys()) if (flagged[at] === false) this.#judgeByValues(at);
    for (const at of this.#header.keys()) if (flagged[at] === false) this.#giveWayToEarlier(at);
    for (const at of this.#header.keys()) this.#roles[at] ??= this.#roleOfUnknown(at);
    for (const at of this.#header.keys()) if (flagged[at] === true) this.#checkFlagged(at);
    return {
      roles: this.#roles,
      unknown: this.#unknown,
      problems: this.#problems,
      notices: this.#notices,
      format: this.#format,
      isOwn: this.#isOwn,
    };
  }

  #roleOf(at: number): ColumnRole | undefined {
    const [written = '', name = ''] = [this.#header[at]?.trim(), this.#names[at]];
    if (at === this.#captionsAt) return { is: 'left out', because: 'ours' };
    if (written === '') return { is: 'unnamed' };
    const custom = readCustomHeader(written);
    if (custom !== undefined) return captioned(custom, this.#captions.get(written));
    if (OWN_COLUMNS.includes(name)) return { is: 'left out', because: 'ours' };
    if (this.#isOwn) return isFileField(written) ? known(written) : undefined;
    const meaning = this.#meaningOf(name);
    if (meaning === undefined) return undefined;
    if (meaning === 'left out') return { is: 'left out', because: 'format' };
    if (meaning === 'custom') return this.#customRole(at);
    if (this.#format !== undefined && !this.#samples.hasValues(at))
      return { is: 'left out', because: 'empty' };
    return known(meaning);
  }

  #readCaptions(): ReadonlyMap<string, string> {
    const [cell] = this.#captionsAt === undefined ? [] : this.#samples.valuesOf(this.#captionsAt);
    if (cell === undefined) return new Map();
    const captions = readCaptions(cell);
    if (captions === undefined) this.#notices.push({ code: 'captionsUnreadable', values: [] });
    return captions ?? new Map();
  }

  #meaningOf(name: string): Meaning | undefined {
    const ofFormat = this.#format === undefined ? undefined : meaningIn(this.#format, name);
    const meaning = ofFormat ?? meaningOf(name);
    if (meaning !== 'lead_id' || this.#hasOwnIds) return meaning;
    // Somebody else's: taken for ours, it would overwrite a lead that has nothing to do with the row.
    this.#notices.push({ code: 'foreignIds', values: [] });
    return 'custom';
  }

  /** Two columns of one name and with the same values are one (VICIdial's download of all lists). */
  #leaveOutRepeated(at: number): void {
    const name = this.#header[at]?.trim();
    const of = this.#header.findIndex((other) => other.trim() === name);
    if (name === '' || of === at || this.#roles[of]?.is === 'left out' || !this.#samples.isSame(of, at))
      return;
    this.#roles[at] = { is: 'left out', because: 'repeated', of };
  }

  /** Names that may mean two things. */
  #judgeByValues(at: number): void {
    const meaning = this.#meaningAt(at);
    if (meaning === 'customer') this.#judge(at, this.#customerOrName(at));
    else if (meaning === 'contact') this.#judge(at, this.#numberOrName(at));
    else if (meaning === 'numero') this.#judge(at, this.#numberOrStreetNumber(at));
    else if (
      meaning === 'list_id' &&
      this.#names[at] !== 'list_id' &&
      this.#has(at) &&
      !this.#are(at, isListId)
    )
      this.#judge(at, undefined);
    else if (meaning === 'first_name' && this.#isWholeName(at)) this.#judge(at, 'whole name');
  }

  #judge(at: number, meaning: Meaning | undefined): void {
    this.#roles[at] = meaning === undefined ? undefined : known(meaning);
  }

  #has(at: number): boolean {
    return this.#samples.valuesOf(at).length > 0;
  }

  #are(at: number, test: (value: string) => boolean): boolean {
    return this.#samples.are(at, test);
  }

  #customerOrName(at: number): Meaning | undefined {
    if (!this.#has(at) || this.#are(at, (value) => readYesNo(value) !== undefined)) return 'is_customer';
    return this.#numberOrName(at);
  }

  /** undefined: codes, or what else there is. */
  #numberOrName(at: number): Meaning | undefined {
    if (this.#are(at, looksLikePhone)) return 'phone';
    if (this.#has(at) && !this.#are(at, looksLikeName)) return undefined;
    return this.#hasMeaning('first_name', 'whole name') ? undefined : 'whole name';
  }

  #numberOrStreetNumber(at: number): Meaning | undefined {
    if (!this.#has(at) || this.#are(at, looksLikePhone)) return 'phone';
    return this.#hasMeaning('address1') ? 'street number' : undefined;
  }

  /** A column `Nombre` of a file that has none for surnames, where most values have several words. */
  #isWholeName(at: number): boolean {
    if (this.#names[at] === 'first_name') return false;
    if (this.#hasMeaning('last_name', 'paternal', 'maternal', 'whole name')) return false;
    return this.#are(at, hasSeveralWords);
  }

  #hasMeaning(...meanings: readonly Meaning[]): boolean {
    return this.#roles.some((role) => role?.is === 'known' && meanings.includes(role.meaning));
  }

  #meaningAt(at: number): Meaning | undefined {
    const role = this.#roles[at];
    return role?.is === 'known' ? role.meaning : undefined;
  }

  /** The second column for a field that takes one value becomes a custom field; by a flag, the flag's column is the field's. */
  #giveWayToEarlier(at: number): void {
    const meaning = this.#meaningAt(at);
    if (meaning === undefined || takesSeveral(meaning)) return;
    const first = this.#roles.findIndex(
      (role, other) =>
        role?.is === 'known' && role.meaning === meaning && (other < at || role.byFlag) && other !== at,
    );
    if (first < 0) return;
    const [own, other] = [this.#header[at]?.trim() ?? '', this.#header[first]?.trim() ?? ''];
    if (this.#flags.strict === true) this.#problems.push(doubled(other, own, meaning));
    this.#roles[at] = this.#samples.hasValues(at)
      ? this.#customRole(at)
      : { is: 'left out', because: 'empty' };
  }

  /** Two columns that flags give to one field. */
  #checkFlagged(at: number): void {
    const meaning = this.#meaningAt(at);
    if (meaning === undefined || meaning === 'alt_phone') return;
    const first = this.#roles.findIndex(
      (role) => role?.is === 'known' && role.meaning === meaning && role.byFlag,
    );
    if (first === at) return;
    this.#problems.push(doubled(this.#header[first]?.trim() ?? '', this.#header[at]?.trim() ?? '', meaning));
  }

  #roleOfUnknown(at: number): ColumnRole {
    if (!this.#samples.hasValues(at)) return { is: 'left out', because: 'empty' };
    const name = this.#header[at]?.trim() ?? '';
    if (this.#flags.ignoreUnknown === true) return { is: 'left out', because: 'unknown' };
    this.#unknown.push(name);
    const close = nearestField(name);
    if (close !== undefined) {
      this.#notices.push({ code: 'nearField', values: [name, close.field, close.known] });
    }
    return this.#customRole(at);
  }

  #customRole(at: number): ColumnRole {
    if (!this.#samples.hasValues(at)) return { is: 'left out', because: 'empty' };
    const caption = this.#header[at]?.trim() ?? '';
    const taken = new Set(this.#roles.map((role) => (role?.is === 'custom' ? role.field.label : undefined)));
    const label = labelFor(caption, at, (wanted) => !taken.has(wanted));
    return { is: 'custom', field: customField(label, 'TEXT', caption), lists: undefined, byFlag: false };
  }
}

function known(meaning: Meaning): ColumnRole {
  return { is: 'known', meaning, byFlag: false };
}

function doubled(first: string, name: string, meaning: string): string {
  const settle =
    first === name
      ? 'rename one of them in the file'
      : `leave one out with --ignore "${name}" or say what it is with --map "${name}=alt_phone" or another field`;
  return `columns "${first}" and "${name}" both mean ${meaning}; ${settle}`;
}

function captioned({ field, lists }: OwnColumn, caption: string | undefined): ColumnRole {
  return { is: 'custom', field: customField(field.label, field.type, caption ?? ''), lists, byFlag: true };
}

function takesSeveral(meaning: Meaning): boolean {
  return (
    isPhoneMeaning(meaning) ||
    meaning === 'e-mail' ||
    meaning === 'email' ||
    meaning === 'label' ||
    meaning === 'area code' ||
    meaning === 'street number'
  );
}

function isListId(value: string): boolean {
  return readWhole(value, 1, Number.MAX_SAFE_INTEGER) !== undefined;
}

const LONGEST_LABEL = 50;

/** Names of fields that are something else in other programs. */
const OTHER_LABELS: ReadonlyMap<string, string> = new Map([
  ['lead_id', 'external_lead_id'],
  ['title', 'job_title'],
]);

/** A label that no other column of the file and no field of a lead has. */
function labelFor(caption: string, at: number, isFree: (label: string) => boolean): string {
  const plain = normaliseName(caption)
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, LONGEST_LABEL);
  const wanted = OTHER_LABELS.get(plain) ?? (plain === '' ? `column_${at + 1}` : plain);
  for (let number = 1; ; number++) {
    const end = number === 1 ? '' : `_${number}`;
    const label = `${wanted.slice(0, LONGEST_LABEL - end.length)}${end}`;
    if (isFree(label) && !isFileField(label)) return label;
  }
}
