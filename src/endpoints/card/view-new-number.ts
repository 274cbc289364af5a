import type { FoundNobody } from '../../service/card.ts';
import type { Numbering } from '../../service/services.ts';
import { countryOf, phoneForms, readPhone } from '../../core/phone.ts';
import { offsetOf, offsetOfZones } from './local-time.ts';
import { placeOf } from './number-places.ts';
import type { Link } from '../pages/notice.ts';
import type { ViewContext } from './page-parts.ts';
import { countryName } from './view-customer.ts';
import type { DoneView, NumberEditing } from './view-editing.ts';
import { type CallView, viewLastCall } from './view-glance.ts';
import { type NumberView, viewNumber } from './view-number.ts';

/** A number that nobody has. */
export interface NewNumberPage {
  readonly template: 'new-number';
  readonly number: NumberView;
  /** Where it was given out; undefined: not known, or the country alone. */
  readonly place: string | undefined;
  /** Whose number it is; undefined: not known. */
  readonly country: string | undefined;
  /** How many minutes the clocks there are ahead of UTC; undefined: not known. */
  readonly offset: number | undefined;
  /** To look for something else by the digits. */
  readonly action: Link | undefined;
  /** With the number before, the newest first. */
  readonly calls: readonly CallView[];
  readonly actions: readonly Link[];
  readonly done: DoneView | undefined;
  /** Undefined: the reader changes nothing here. */
  readonly editing?: NumberEditing | undefined;
}

/** A number that nobody has, with what can be told by it. */
export function newNumberPage(
  { calls = [] }: FoundNobody,
  asked: string,
  { reader, wanted, words, addressOf }: ViewContext,
  numbering: Numbering,
): Omit<NewNumberPage, 'actions' | 'done' | 'editing'> {
  const { country: home, settings } = numbering;
  const read = readPhone(asked, home, settings);
  const country = 'value' in read ? countryOf(read.value) : undefined;
  const place = 'value' in read && country !== undefined ? placeOf(read.value.key) : undefined;
  const [placeName, name] = [place?.[reader.language], country && countryName(country, reader.tag)];
  const now = Date.now();
  return {
    template: 'new-number' as const,
    number: viewNumber(asked, home),
    place: placeName === name ? undefined : placeName,
    country: name,
    offset: offsetOfZones(place?.zones ?? [], now) ?? offsetOf(undefined, country, now),
    calls: calls.map((call) => viewLastCall(call, now, reader, words)),
    action: otherReading(wanted.phone, home, { words, addressOf }),
  };
}

/** Offers to search digits that are no telephone number of the country as a lead's id. */
function otherReading(
  phone: string | undefined,
  home: Numbering['country'],
  { words, addressOf }: Pick<ViewContext, 'words' | 'addressOf'>,
): Link | undefined {
  const id = /^\d{6,10}$/.exec(phone?.trim() ?? '')?.[0];
  if (id === undefined || phoneForms(id, home) !== undefined) return undefined;
  return { href: addressOf({ lead: id }), label: words.tryLead(id) };
}
