import type { ConsolePage } from '../console-page.ts';
import { SETTINGS_WORDS } from './settings-words.ts';

/** The effective settings of the domain, as the command `settings` shows them. */
export const SETTINGS_PAGE: ConsolePage = {
  path: '/console/settings',
  label: { en: SETTINGS_WORDS.en.title, es: SETTINGS_WORDS.es.title },
  addRoutes({ show }, { settings }) {
    show('/console/settings', ({ reader, domain, send }) => {
      const words = SETTINGS_WORDS[reader.language];
      const shown = settings(domain.domain).map(({ isReloaded, ...setting }) => ({
        ...setting,
        counts: isReloaded ? words.reloaded : words.restarted,
      }));
      return send({ template: 'settings', title: words.title, words, view: { shown } });
    });
  },
};
