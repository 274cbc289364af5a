import { describeTrace, isOnePerson, isOwn, type PersonStore } from '../core/person-store.ts';
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

/** The leads of a person, or a number of which there are only calls. */
export interface ChosenPerson {
  readonly leadIds: readonly number[];
  readonly phone?: PhoneNumber;
}

/**
 * The leads of the person that is meant; of somebody who has none the number, where there are calls with it.
 *
 * @throws {CommandFailure} nobody, or several people who are then named, which is recorded
 */
export async function choosePerson(
  domain: ChosenDomain,
  { lead, phone }: PersonFlags,
  { persons, country }: { readonly persons: PersonStore; readonly country: Country },
): Promise<ChosenPerson> {
  if (phone === undefined) {
    const leadIds = [...new Set(lead)];
    for (const leadId of leadIds) if ((await persons.read(leadId)) === undefined) throw noSuchLead(leadId);
    return { leadIds };
  }
  const number = numberOf(phone, country);
  const found = (await persons.find(number)).filter(isOwn);
  if (found.length === 0 && (await persons.countCalls(number)) > 0) return { leadIds: [], phone: number };
  if (found.length === 0) throw new CommandFailure('nobody has or had this number', EXIT.attention);
  const leadIds = found.map(({ leadId }) => leadId);
  if (isOnePerson(found)) return { leadIds };
  const act = { action: 'person_find', subject: maskPhone(number.digits), leadIds } as const;
  return recorded(domain, act, () => {
    const named = found.map(describeTrace).join('; ');
    throw new CommandFailure(
      printable(`several people have or had this number: ${named}; say with --lead ID who is meant`),
    );
  });
}
