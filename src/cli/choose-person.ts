import type { PersonStore, PersonTrace } from '../core/person-store.ts';
import { type Country, maskPhone, type PhoneNumber, readPhone } from '../core/phone.ts';
import { CommandFailure, EXIT, wrongUse } from '../process/exit-code.ts';
import { printable } from '../process/terminal.ts';
import { noSuchLead } from './lead.ts';
import { recorded } from './operator-audit.ts';
import type { ChosenDomain } from './settings-flags.ts';

/** Who is meant: exactly one of the two. */
export interface PersonFlags {
  readonly lead?: readonly number[];
  readonly phone?: string;
}

/** @throws {CommandFailure} neither or both are given */
export function checkFlags({ lead, phone }: PersonFlags): void {
  if ((lead === undefined) === (phone === undefined))
    throw wrongUse('say who is meant: --lead ID, several if the person has several, or --phone NUMBER');
}

/** @throws {CommandFailure} it is no number */
export function numberOf(text: string, country: Country): PhoneNumber {
  const reading = readPhone(text, country, { internalNumbers: true });
  if ('value' in reading) return reading.value;
  throw wrongUse(`--phone ${reading.fault}`);
}

/**
 * The leads of the person that is meant.
 *
 * @throws {CommandFailure} nobody, or several people who are then named, which is recorded
 */
export async function choosePerson(
  domain: ChosenDomain,
  { lead, phone }: PersonFlags,
  { persons, country }: { readonly persons: PersonStore; readonly country: Country },
): Promise<readonly number[]> {
  if (phone === undefined) {
    const leadIds = [...new Set(lead)];
    const missing = leadIds.find((leadId) => persons.read(leadId) === undefined);
    if (missing !== undefined) throw noSuchLead(missing);
    return leadIds;
  }
  const number = numberOf(phone, country);
  const found = persons.find(number).filter(isOwn);
  if (found.length === 0) throw new CommandFailure('nobody has or had this number', EXIT.attention);
  const leadIds = found.map(({ leadId }) => leadId);
  if (isOnePerson(found)) return leadIds;
  const act = { action: 'person_find', subject: maskPhone(number.digits), leadIds } as const;
  return recorded(domain, act, () => {
    const named = found.map(describeTrace).join('; ');
    throw new CommandFailure(
      printable(`several people have or had this number: ${named}; say with --lead ID who is meant`),
    );
  });
}

/** The number is one of the lead's own, and not only written somewhere. */
export function isOwn({ matches }: PersonTrace): boolean {
  return matches.some((match) => match !== 'note' && match !== 'comments');
}

/** Leads of one name; without a name nobody knows. */
function isOnePerson(found: readonly PersonTrace[]): boolean {
  const [first, ...others] = found;
  if (others.length === 0) return true;
  return (
    first?.comparedName !== '' && others.every(({ comparedName }) => comparedName === first?.comparedName)
  );
}

/** `lead 7 (Ana Pérez, formerly)` */
export function describeTrace({ leadId, name, matches, isRemoved }: PersonTrace): string {
  const notes = [
    name === '' ? 'no name' : name,
    ...(isRemoved ? ['deleted'] : []),
    ...(matches.includes('former') ? ['formerly'] : []),
  ];
  return `lead ${leadId} (${notes.join(', ')})`;
}
