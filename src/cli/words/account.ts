import { ENGLISH } from './account-en.ts';
import { SPANISH } from './account-es.ts';
import { inLanguage } from './language.ts';

/** What `user` and `token` print, in the language of the command. */
export const accountWords = () => inLanguage({ en: ENGLISH, es: SPANISH });
