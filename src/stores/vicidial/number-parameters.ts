import type { Country, PhoneNumber } from '../../core/phone.ts';
import { blockTexts, MAX_BLOCK_TEXTS } from './block-texts.ts';
import type { NumberPlace } from './number-places.ts';
import type { Parameter } from './rows.ts';
import { MAX_FOREIGN_SPELLINGS, MAX_STORED_SPELLINGS, textsOf } from './stored-spellings.ts';

/** What statements bind for a number, by place. */
export interface NumberParameters {
  /** As `orderOf` binds it. */
  readonly order: (place: NumberPlace) => readonly Parameter[];
  /** As the winner of a place binds it: a block is selected with what puts it in order. */
  readonly winner: (place: NumberPlace) => readonly Parameter[];
  /** As `hasNumber` binds it. */
  readonly match: (place: NumberPlace) => readonly Parameter[];
}

/** @param withBlocks whether a place may ask for blocks of numbers */
export function numberParameters(
  phone: PhoneNumber,
  country: Country,
  withBlocks: boolean,
): NumberParameters {
  const { digits, spellings, sure, foreign, countries } = textsOf(phone, country);
  const own = countries.join(',');
  const order = [own, own, sure.join(','), digits];
  const match = [
    ...filled(spellings, MAX_STORED_SPELLINGS),
    ...filled(foreign, MAX_FOREIGN_SPELLINGS),
    own,
    own,
  ];
  const blocks = withBlocks ? blockTexts(phone, country) : [];
  const blockOrder = [blocks.join(',')];
  const blockMatch = filled(blocks, MAX_BLOCK_TEXTS);
  return {
    order: (place) => (place.match === 'block' ? blockOrder : order),
    winner: (place) => (place.match === 'block' ? [...blockOrder, ...blockOrder] : order),
    match: (place) => (place.match === 'block' ? blockMatch : match),
  };
}

/** Those that are left over match nothing. */
function filled(texts: readonly string[], count: number): readonly Parameter[] {
  return Array.from({ length: count }, (_, at) => (texts[at] === '' ? null : (texts[at] ?? null)));
}
