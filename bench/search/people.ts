import { SeededRandom } from '../../test/support/seeded-random.ts';

/** The commonest first, as in Mexico. */
const FIRST_NAMES = (
  'María José Guadalupe Juan Francisco Luis Antonio Jesús Miguel Ana Alejandro Pedro Carlos Martha Rosa Margarita Jorge Fernando ' +
  'Ricardo Daniel Eduardo Roberto Sergio Javier David Patricia Leticia Elizabeth Gabriela Verónica Adriana Laura Claudia Sandra ' +
  'Mónica Alejandra Carmen Teresa Silvia Mario Arturo Rafael Enrique Óscar Víctor Raúl Armando Alfredo Gerardo Mariana'
).split(' ');
const SURNAMES = (
  'Hernández García Martínez López González Rodríguez Pérez Sánchez Ramírez Cruz Flores Gómez Morales Vázquez Jiménez Reyes Díaz ' +
  'Torres Gutiérrez Ruiz Mendoza Aguilar Ortiz Moreno Castillo Romero Álvarez Méndez Chávez Rivera Juárez Ramos Domínguez Herrera ' +
  'Medina Castro Vargas Guzmán Velázquez Muñoz Rojas Contreras Salazar Luna Ortega Guerrero Santiago Estrada Bautista Cortés Peña'
).split(' ');
const MAILS = ['gmail.com', 'hotmail.com', 'outlook.com', 'yahoo.com.mx'];
const SYLLABLES =
  'ba be bi co da de do el en fa ga la le li lo lu ma me mi mo na ne no pa ra re ri ro sa se so ta te ti to va ve vi xo ya'.split(
    ' ',
  );
/** Different names of which each is rare. */
const RARE_NAMES = 30_000;

export interface Person {
  readonly first: string;
  readonly last: string;
  readonly email: string | null;
  readonly company: string | null;
  readonly id: string | null;
}

/** Invented people whose names are as unevenly spread as real ones: one name of eight is rare, the others by rank. */
export class People {
  readonly #random = new SeededRandom('people');

  next(number: number): Person {
    const random = this.#random;
    const first = [this.#name(FIRST_NAMES), ...(random.chance(0.4) ? [this.#name(FIRST_NAMES)] : [])].join(
      ' ',
    );
    const last = `${this.#name(SURNAMES)} ${this.#name(SURNAMES)}`;
    const plain = `${first} ${last}`.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().split(' ');
    return {
      first,
      last,
      email: random.chance(0.7)
        ? `${plain[0] ?? ''}.${plain.at(-1) ?? ''}${number % 1_000}@${random.pick(MAILS)}`
        : null,
      company: random.chance(0.3) ? `Comercializadora ${this.#name(SURNAMES)} S.A. de C.V.` : null,
      id: random.chance(0.5) ? `C-${100_000 + number}` : null,
    };
  }

  #name(names: readonly string[]): string {
    if (this.#random.chance(0.12)) return rareName(this.#random.below(RARE_NAMES));
    return names[Math.floor(names.length ** this.#random.next()) - 1] ?? '';
  }
}

function rareName(number: number): string {
  let name = '';
  for (
    let rest = number * 7_919 + 13;
    rest > 0 || name.length < 5;
    rest = Math.floor(rest / SYLLABLES.length)
  ) {
    name += SYLLABLES[rest % SYLLABLES.length] ?? '';
  }
  return name.charAt(0).toUpperCase() + name.slice(1);
}
