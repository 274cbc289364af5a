import type { Language } from '../../pages/reader.ts';

const ENGLISH = {
  title: 'Make the first admin',
  intro:
    'This server has no user yet. Whoever you make here may do everything: look up and change customers, import, and make further users.',
  make: 'Make the admin and sign in',
  over: {
    title: 'This link does not work',
    text: 'It works once, while there is no user, and until the server is started anew: each start prints another one.',
  },
};

type FirstWords = typeof ENGLISH;

const SPANISH: FirstWords = {
  title: 'Haga al primer administrador',
  intro:
    'Este servidor todavía no tiene usuarios. Quien usted haga aquí puede todo: buscar y cambiar clientes, importar, y hacer más usuarios.',
  make: 'Hacer al administrador y entrar',
  over: {
    title: 'Este enlace no sirve',
    text: 'Sirve una vez, mientras no haya usuarios, y hasta que el servidor empiece de nuevo: cada vez escribe otro.',
  },
};

export const FIRST_WORDS = { en: ENGLISH, es: SPANISH } satisfies Record<Language, FirstWords>;
