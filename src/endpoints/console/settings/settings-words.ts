import type { Language } from '../../pages/reader.ts';

const ENGLISH = {
  title: 'Settings',
  about: 'As the server runs now. Change them in the config file, the environment or the flags.',
  name: 'Setting',
  value: 'Value',
  source: 'From',
  counts: 'Another value counts',
  reloaded: 'after SIGHUP',
  restarted: 'at the next start',
  none: 'This server does not show its settings.',
};

export type SettingsWords = typeof ENGLISH;

const SPANISH: SettingsWords = {
  title: 'Ajustes',
  about:
    'Como funciona el servidor ahora. Se cambian en el archivo de configuración, el entorno o las opciones.',
  name: 'Ajuste',
  value: 'Valor',
  source: 'De',
  counts: 'Otro valor cuenta',
  reloaded: 'después de SIGHUP',
  restarted: 'en el próximo inicio',
  none: 'Este servidor no muestra sus ajustes.',
};

export const SETTINGS_WORDS = { en: ENGLISH, es: SPANISH } satisfies Record<Language, SettingsWords>;
