import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { LookupOutcome } from '../../src/service/work.ts';
import type { ListScope, PhoneColumn } from '../../src/core/lead.ts';
import type { DescribedLead, DescribedUser, StoreDescription } from '../stores/described-store.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { CHEAP_VERIFIER, openLookupFixture } from './lookup-fixture.ts';

const USERS = 500;
const LEADS = 600;
const LISTS = 12;
const SUBSCRIBERS = 60;
const QUERIES_OF_A_USER = 8;

/** A telephone number together with whose it is: the oracle never reads a spelling. */
interface Spelled {
  readonly subscriber: number;
  readonly text: string;
}

interface OracleLead {
  readonly described: DescribedLead;
  readonly numbers: Readonly<Record<PhoneColumn, Spelled | undefined>>;
}

const SPELLINGS = ['', '52', '521', '0052', '01', '044', '045'];

function drawNumber(random: SeededRandom): Spelled {
  const subscriber = random.below(SUBSCRIBERS);
  return {
    subscriber,
    text: `${SPELLINGS[random.below(SPELLINGS.length)] ?? ''}55${10_000_000 + subscriber * 7_919}`,
  };
}

function drawLead(random: SeededRandom, leadId: number): OracleLead {
  const numbers = {
    phone_number: random.below(10) > 0 ? drawNumber(random) : undefined,
    alt_phone: random.below(2) > 0 ? drawNumber(random) : undefined,
    address3: random.below(3) > 0 ? drawNumber(random) : undefined,
  };
  const day = (count: number) => `2026-03-${String(10 + random.below(count))} 10:00:00`;
  const described: DescribedLead = {
    lead_id: leadId,
    list_id: 1 + random.below(LISTS),
    phone_number: numbers.phone_number?.text ?? null,
    alt_phone: numbers.alt_phone?.text ?? null,
    address3: numbers.address3?.text ?? null,
    modifyDate: day(3),
    ...(random.below(3) > 0 ? { lastLocalCallTime: day(4) } : {}),
  };
  return { described, numbers };
}

function drawUser(random: SeededRandom, at: number): DescribedUser & { readonly lists: ListScope } {
  const some = Array.from({ length: random.below(5) }, () => 1 + random.below(LISTS + 2));
  return {
    name: `user-${at}`,
    password: { verifier: CHEAP_VERIFIER },
    lists: random.below(10) === 0 ? 'every list' : some,
  };
}

/** What the contract says, in the simplest way: filter, sort, take the first. */
class Oracle {
  readonly #leads: readonly OracleLead[];
  readonly #columns: readonly PhoneColumn[];

  constructor(leads: readonly OracleLead[], columns: readonly PhoneColumn[]) {
    this.#leads = leads;
    this.#columns = columns;
  }

  byId(leadId: number, lists: ListScope): string {
    const lead = this.#visible(lists).find(({ described }) => described.lead_id === leadId);
    return lead === undefined ? 'lead_not_found' : `lead ${leadId}`;
  }

  byNumber({ subscriber, text }: Spelled, lists: ListScope): string {
    for (const column of this.#columns) {
      const matching = this.#visible(lists).filter(
        ({ numbers }) => numbers[column]?.subscriber === subscriber,
      );
      const rank = ({ described, numbers }: OracleLead) => [
        numbers[column]?.text === text ? '1' : '0',
        described.lastLocalCallTime ?? '',
        described.modifyDate ?? '',
        String(described.lead_id).padStart(10, '0'),
      ];
      const winner = matching.sort((one, other) => (rank(one).join() < rank(other).join() ? 1 : -1))[0];
      if (winner !== undefined) return `lead ${winner.described.lead_id} of ${matching.length} by ${column}`;
    }
    return 'phone_not_found';
  }

  #visible(lists: ListScope): OracleLead[] {
    return this.#leads.filter(({ described }) => lists === 'every list' || lists.includes(described.list_id));
  }
}

for (const address3IsPhone of [false, true]) {
  const columns = address3IsPhone
    ? (['phone_number', 'alt_phone', 'address3'] as const)
    : (['phone_number', 'alt_phone'] as const);

  describe(`${USERS} random users over ${LEADS} random leads, numbers in ${columns.join(', ')}`, () => {
    it('see by id and by number exactly what an independent reading of the rules says', async () => {
      const seed = Math.floor(Math.random() * 2 ** 32);
      const random = new SeededRandom(String(seed));
      const leads = Array.from({ length: LEADS }, (_, at) => drawLead(random, at + 1));
      const users = Array.from({ length: USERS }, (_, at) => drawUser(random, at));
      const description: StoreDescription = {
        lists: Array.from({ length: LISTS }, (_, at) => ({ list_id: at + 1, name: `list ${at + 1}` })),
        leads: leads.map(({ described }) => described),
        users,
      };
      const oracle = new Oracle(leads, columns);
      const fixture = await openLookupFixture(description, { address3IsPhone });
      const seen = { found: 0, hidden: 0 };
      try {
        for (const { name, lists } of users) {
          for (let query = 0; query < QUERIES_OF_A_USER; query++) {
            const number = drawNumber(random);
            const leadId = 1 + random.below(LEADS + 20);
            const byId = query % 2 === 0;
            const outcome = await fixture.askAs(
              name,
              byId ? { leadId: String(leadId) } : { phoneNumber: number.text },
            );
            const expected = byId ? oracle.byId(leadId, lists) : oracle.byNumber(number, lists);
            assert.equal(
              sayOutcome(outcome),
              expected,
              `seed ${seed}: ${name}, lists ${JSON.stringify(lists)}, ${byId ? `lead ${leadId}` : number.text}`,
            );
            seen[expected.startsWith('lead ') ? 'found' : 'hidden'] += 1;
          }
        }
      } finally {
        await fixture.close();
      }
      // Both kinds of answers came in numbers, or this test would have looked at nothing.
      assert.ok(seen.found > 500 && seen.hidden > 500, `seed ${seed}: ${JSON.stringify(seen)}`);
    });
  });
}

function sayOutcome(outcome: LookupOutcome): string {
  if ('problem' in outcome) return outcome.problem.code;
  const { lead, foundBy } = outcome.result;
  return foundBy === undefined
    ? `lead ${lead.lead_id}`
    : `lead ${lead.lead_id} of ${foundBy.matches} by ${foundBy.column}`;
}
