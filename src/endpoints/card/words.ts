import type { Language } from './language.ts';
import { ENGLISH, type Words } from './words-en.ts';
import { SPANISH } from './words-es.ts';

export type { Words };

export const WORDS = { en: ENGLISH, es: SPANISH } satisfies Readonly<Record<Language, Words>>;
