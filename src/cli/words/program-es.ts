import { EXIT } from '../../process/exit-code.ts';
import type { ProgramWords } from './program-words.ts';

export const SPANISH: ProgramWords = {
  firstSteps: `callercard: nombre un comando. Los primeros pasos:
  callercard demo                              un ejemplo, con clientes inventados
  callercard import clientes.csv --list 1001   los clientes de usted, de un archivo
  callercard user add NOMBRE                   alguien que puede iniciar sesión
  callercard serve                             el servidor
  callercard check                             qué hay, y qué hacer al respecto
Todos los comandos: callercard --help; uno de ellos: callercard COMANDO --help`,
  exitCodes: `
Códigos de salida:
  ${EXIT.ok}    hecho; también un servidor que detuvo una señal
  ${EXIT.failed}    falló; la salida de errores dice por qué
  ${EXIT.usage}    mal uso o ajustes incorrectos; no se hizo nada
  ${EXIT.attention}    hecho, pero revise el resultado: se rechazaron filas (salvo con --accept-rejects), check o audit verify encontraron un problema, lookup no encontró ningún lead
  ${EXIT.interrupted}  una importación o exportación detenida con Ctrl-C`,
  seeHelp: 'vea "callercard --help" y "callercard COMANDO --help"',
  didYouMean: (name) => `¿quiso decir ${name}?`,
  wrongUse(message) {
    const [english, spanish] = WRONG_USE.find(([pattern]) => pattern.test(message)) ?? [/$/, ''];
    const said = message.replace(english, spanish);
    const [wrong, right] = VALUES.find(([sentence]) => said.endsWith(sentence)) ?? ['', ''];
    return said.slice(0, said.length - wrong.length) + right;
  },
  notAllWritten: (why) => `no se escribió toda la salida (${why})`,
};

/** What commander says (node_modules/commander/lib/command.js), and then what a value of ours would have to be. */
const WRONG_USE: readonly (readonly [english: RegExp, spanish: string])[] = [
  [/^unknown option ('.+')/, 'opción desconocida $1'],
  [/^unknown command ('.+')/, 'comando desconocido $1'],
  [/^missing required argument ('.+')/, 'falta el argumento $1'],
  [/^required option ('.+') not specified/, 'falta la opción $1'],
  [/^option ('.+') argument missing/, 'falta el valor de la opción $1'],
  [
    /^too many arguments(?: for ('.+'))?\. Expected (\d+) arguments? but got (\d+)(?:: .*)?/,
    'demasiados argumentos: se esperaban $2 y se dieron $3',
  ],
  [
    /^option ('.+') argument ('.*') is invalid\. Allowed choices are (.+)/s,
    'la opción $1 no acepta $2. Se acepta: $3',
  ],
  [
    /^command-argument value ('.*') is invalid for argument ('.+')\. Allowed choices are (.+)/s,
    'el argumento $2 no acepta $1. Se acepta: $3',
  ],
  [/^option ('.+') argument ('.*') is invalid\. /s, 'la opción $1 no acepta $2. '],
  [/^command-argument value ('.*') is invalid for argument ('.+')\. /s, 'el argumento $2 no acepta $1. '],
];

/** What a value would have to be, as the commands say it in English (`InvalidArgumentError`), without the full stop. */
const VALUES: readonly (readonly [english: string, spanish: string])[] = [
  ['A lead id is a whole number of 1 to 10 digits', 'Un id de lead es un número entero de 1 a 10 dígitos'],
  ['A list id is a whole number of 1 to 14 digits', 'Un id de lista es un número entero de 1 a 14 dígitos'],
  [
    'A profile has a name of 1 to 50 letters, digits, spaces and . _ -',
    'Un perfil tiene un nombre de 1 a 50 letras, dígitos, espacios y . _ -',
  ],
  [
    'An import is named by its number, which "callercard imports" lists',
    'Una importación se nombra por su número, que muestra "callercard imports"',
  ],
  ['Lines are counted from 1', 'Las líneas se cuentan desde 1'],
];
