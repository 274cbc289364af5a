import type { FORMAT_NAMES } from '../../core/import-formats.ts';
import type { Meaning, NameTable } from '../meaning.ts';

/** `vcard` is said by the file itself: no flag is needed for it. */
export type FormatName = (typeof FORMAT_NAMES)[number] | 'vcard';

/** What the columns of one program's export mean. Names are normalised; what is in no table means what it means anywhere. */
export interface FileFormat {
  readonly name: FormatName;
  /** Who writes such files, for messages: a program; or what they are, where many programs do. */
  readonly title: string;
  /** Many programs write it: `title` is what the file is. */
  readonly isStandard?: boolean;
  /** A header with every name of one of these lines is of this format. */
  readonly marks: readonly string[];
  readonly names: NameTable;
  /** Names with a number in them; `$1` in a meaning is the pattern's first group. */
  readonly patterns?: readonly (readonly [pattern: RegExp, meaning: Meaning | `address $1 ${string}`])[];
}
