import type { Notice } from '../pages/notice.ts';
import type { Language } from '../pages/reader.ts';
import { PAGE_WORDS } from '../pages/words.ts';

/** What every page of the console says, in English. */
const ENGLISH = {
  ...PAGE_WORDS.en,
  console: 'Console',
  skip: 'Skip to the page',
  pages: 'Pages',
  toCard: 'Card',
  signInTitle: 'Sign in to the console',
  goesOn: 'The console is opening',
  old: 'The server cannot be reached. These numbers are old.',
  noAdmin: (user: string, isDialer: boolean): Notice => ({
    title: `${user} may not use the console`,
    text: isDialer
      ? `It needs the right “admin”. Whoever runs the server gives it: callercard user set ${user} --rights admin`
      : `It needs the right “admin”. Another admin gives it on the page Users, or whoever runs the server: callercard user set ${user} --rights card,read,admin`,
  }),
};

export type ShellWords = typeof ENGLISH;

/** What every page of the console says, in Spanish. */
const SPANISH: ShellWords = {
  ...PAGE_WORDS.es,
  console: 'Consola',
  skip: 'Ir a la página',
  pages: 'Páginas',
  toCard: 'Ficha',
  signInTitle: 'Entre a la consola',
  goesOn: 'La consola se está abriendo',
  old: 'No hay conexión con el servidor. Estos números son viejos.',
  noAdmin: (user, isDialer) => ({
    title: `${user} no puede usar la consola`,
    text: isDialer
      ? `Hace falta el permiso “admin”. Lo da quien maneja el servidor: callercard user set ${user} --rights admin`
      : `Hace falta el permiso “admin”. Lo da otro administrador en la página Usuarios, o quien maneja el servidor: callercard user set ${user} --rights card,read,admin`,
  }),
};

export const SHELL_WORDS = { en: ENGLISH, es: SPANISH } satisfies Record<Language, ShellWords>;
