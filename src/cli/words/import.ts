import { ENGLISH_IMPORT } from '../../files/import-words-en.ts';
import { SPANISH_IMPORT } from '../../files/import-words-es.ts';
import { ENGLISH } from './import-en.ts';
import { SPANISH } from './import-es.ts';
import { inLanguage } from './language.ts';

/** What `import` prints, in the language of the command. */
export const importWords = () => inLanguage({ en: ENGLISH, es: SPANISH });

/** What is said of files, in the language of the command. */
export const fileWords = () => inLanguage({ en: ENGLISH_IMPORT, es: SPANISH_IMPORT });
