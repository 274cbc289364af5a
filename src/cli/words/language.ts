import { languageOfEnvironment } from '../../config/language.ts';

/** The languages of commands. */
export type CommandLanguage = 'en' | 'es';

/** Of this process: what nobody has set, such as the process of an import over HTTP, speaks English. */
let chosen: CommandLanguage = 'en';

/** Takes the language of whoever runs the command, as `LC_ALL`, `LC_MESSAGES` or `LANG` say. */
export function useLanguageOfEnvironment(): CommandLanguage {
  return (chosen = languageOfEnvironment() === 'es' ? 'es' : 'en');
}

/** The words in the language of this process. */
export function inLanguage<Words>(catalogues: Readonly<Record<CommandLanguage, Words>>): Words {
  return catalogues[chosen];
}
