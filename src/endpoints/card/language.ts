import type { Language } from '../pages/reader.ts';
import { ENGLISH, type Words } from './words-en.ts';
import { SPANISH } from './words-es.ts';

export const WORDS = { en: ENGLISH, es: SPANISH } satisfies Record<Language, Words>;
export type { Words };
