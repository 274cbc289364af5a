import type { Language } from './language.ts';
import { ENGLISH } from './words-en.ts';
import { SPANISH } from './words-es.ts';

export type Words = typeof ENGLISH;

export const WORDS = { en: ENGLISH, es: SPANISH } satisfies Readonly<Record<Language, Words>>;
