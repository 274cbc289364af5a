import { ENGLISH } from './list-en.ts';
import { SPANISH } from './list-es.ts';
import { inLanguage } from './language.ts';

/** What `list` prints, in the language of the command. */
export const listWords = () => inLanguage({ en: ENGLISH, es: SPANISH });
