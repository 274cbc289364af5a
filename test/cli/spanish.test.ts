import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { Command } from 'commander';

import { COMMAND_FILES } from '../../src/cli/run-command.ts';
import type { CommandHost } from '../../src/cli/settings-flags.ts';
import { COMMAND_HELP } from '../../src/cli/words/help-es.ts';
import { SPANISH } from '../../src/cli/words/program-es.ts';
import { describeInSpanish } from '../../src/cli/words/spanish-help.ts';
import { runCallercard } from '../support/command.ts';
import { temporaryFolder } from '../support/test-app.ts';

/** All commands, as they describe themselves. */
async function createProgram(): Promise<Command> {
  const program = new Command('callercard').description('Who is calling?');
  const host = { run: () => Promise.resolve() } as unknown as CommandHost;
  for (const { load } of COMMAND_FILES) (await load())(program, host);
  return program;
}

/** `import --list`: each description of a command, an option and an argument. Hidden ones are shown to nobody. */
function descriptionsOf(command: Command, path: readonly string[] = []): ReadonlyMap<string, string> {
  const name = path.join(' ');
  return new Map([
    [name, command.description()],
    ...command.options
      .filter(({ hidden }) => !hidden)
      .map(({ long, description }) => [`${name} ${long ?? ''}`, description] as const),
    ...command.registeredArguments
      .filter(({ description }) => description !== '')
      .map((argument) => [`${name} <${argument.name()}>`, argument.description] as const),
    ...command.commands.flatMap((one) => [...descriptionsOf(one, [...path, one.name()])]),
  ]);
}

describe('help in Spanish', () => {
  it('leaves no description of a command, option or argument in English', async () => {
    const english = descriptionsOf(await createProgram());
    const program = await createProgram();
    describeInSpanish(program);
    const spanish = descriptionsOf(program);
    assert.ok(english.size > 150);
    assert.deepEqual([...spanish.keys()], [...english.keys()]);
    const same = [...english].filter(([name, text]) => text === spanish.get(name));
    assert.deepEqual(same, []);
  });

  it('names no command, option or argument that is not there', async () => {
    const known = descriptionsOf(await createProgram());
    const named = Object.entries(COMMAND_HELP).flatMap(([name, { options = {}, arguments: args = {} }]) => [
      name,
      ...Object.keys(options).map((flag) => `${name} ${flag}`),
      ...Object.keys(args).map((argument) => `${name} <${argument}>`),
    ]);
    assert.deepEqual(
      named.filter((each) => !known.has(each)),
      [],
    );
  });
});

describe('what the parser of the command line says', () => {
  const cases: readonly (readonly [english: string, spanish: string])[] = [
    ["unknown option '--x'", "opción desconocida '--x'"],
    ["unknown command 'x'", "comando desconocido 'x'"],
    ["missing required argument 'file'", "falta el argumento 'file'"],
    ["required option '--from <a>' not specified", "falta la opción '--from <a>'"],
    ["option '--list <id>' argument missing", "falta el valor de la opción '--list <id>'"],
    [
      "too many arguments for 'backup'. Expected 1 argument but got 2: a, b",
      'demasiados argumentos: se esperaban 1 y se dieron 2',
    ],
    [
      "option '--list <id>' argument 'a' is invalid. A list id is a whole number of 1 to 14 digits",
      "la opción '--list <id>' no acepta 'a'. Un id de lista es un número entero de 1 a 14 dígitos",
    ],
    ['something new', 'something new'],
  ];
  for (const [english, spanish] of cases)
    it(`is in Spanish: ${english}`, () => assert.equal(SPANISH.wrongUse(english), spanish));
});

describe('a command', { timeout: 120_000 }, () => {
  const cwd = temporaryFolder();
  const run = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    runCallercard(args, { cwd, env });

  it('speaks as LC_ALL, LC_MESSAGES and LANG say, in this order; English where they say nothing it knows', async () => {
    const cases = [
      [{ LC_ALL: 'es_MX.UTF-8', LANG: 'en_US.UTF-8' }, true],
      [{ LC_ALL: '', LC_MESSAGES: 'es', LANG: 'en_US.UTF-8' }, true],
      [{ LC_ALL: '', LC_MESSAGES: '', LANG: 'es_ES' }, true],
      [{ LC_ALL: 'C', LANG: 'es_MX.UTF-8' }, false],
      [{ LC_ALL: 'de_DE.UTF-8' }, false],
      [{ LC_ALL: '', LC_MESSAGES: '', LANG: '' }, false],
    ] as const;
    for (const [env, isSpanish] of cases) {
      const { code, stderr } = await run([], env);
      assert.equal(code, 2);
      assert.equal(stderr.includes('Los primeros pasos'), isSpanish, JSON.stringify(env));
    }
  });

  it('says in Spanish what an import does, and programs read the same as ever', async () => {
    const env = { LC_ALL: 'es_MX.UTF-8' };
    const file = join(cwd, 'clientes.csv');
    writeFileSync(
      file,
      'Teléfono,Nombre,Cumpleaños,Vacía\n3312345678,Ana,no sé,\n55123,Eva,,\n8123456789,Luis,,\n',
    );
    const database = ['--database', 'sqlite:data/es.db'];
    const { code, stderr } = await run(['import', file, '--list', '1001', ...database], env);
    assert.equal(code, 3, stderr);
    for (const words of [
      /^nuevos 2, cambiados 0, sin cambio 0, filas rechazadas 1 \(vea .*clientes\.rejects\.csv\), /m,
      /^primera rechazada: línea 3: /m,
      /^columnas: Teléfono → phone_number/m,
      /^para deshacerla: callercard import --undo 1$/m,
      /^advertencias 1: línea 2: date_of_birth 'no sé' no es un día del calendario; no se tomó$/m,
    ])
      assert.match(stderr, words);
    const listed = await run(['imports', ...database], env);
    assert.match(listed.stdout, /^id +inicio \(UTC\) +archivo +quién +estado /);
    assert.match(listed.stdout, / terminada +2 +0 +0 +1 +0 +sí$/m);
    const [spanish, english] = [
      await run(['imports', '--json', ...database], env),
      await run(['imports', '--json', ...database], {}),
    ];
    assert.equal(spanish.stdout, english.stdout);
    const undone = await run(['import', '--undo', '1', ...database], env);
    assert.equal(undone.code, 0);
    assert.match(undone.stderr, /^se deshizo la importación 1 \(clientes\.csv\): 0 leads /m);
  });

  it('says in Spanish what became of users, tokens and lists, and the same to programs', async () => {
    const env = { LC_ALL: 'es_MX.UTF-8' };
    const flags = ['--database', 'sqlite:data/people.db'];
    const password = ['--password-stdin', ...flags];
    const added = await runCallercard(['user', 'add', 'ana', ...password], { cwd, env, input: 'corta' });
    assert.match(added.stderr, /^callercard: esa contraseña es corta; .*\nse agregó el usuario ana$/m);
    const cases: readonly (readonly [args: readonly string[], code: number, said: RegExp])[] = [
      [['user', 'add', 'ana', '--password-stdin'], 1, /ya hay un usuario ana; /],
      [['user', 'list'], 0, /^usuario +activo +permisos +listas +bloqueado\nana +sí +card,read +todas +no$/m],
      [['user', 'disable', 'eva'], 1, /no hay ningún usuario eva; "callercard user list" los muestra/],
      [
        ['user', 'set', 'ana', '--rights', 'none'],
        0,
        /se cambió el usuario ana: permisos none; listas todas/,
      ],
      [['user', 'unlock', 'ana'], 0, /se desbloqueó ana: no había inicios de sesión fallidos/],
      [['token', 'list'], 0, /no hay tokens; /],
      [['token', 'create', 'crm'], 0, /se creó el token crm, válido hasta el 20\d\d-/],
      [['token', 'list'], 0, /^token +alcance +listas +estado +vence +secreto\ncrm +read +todas +válido /m],
      [['token', 'revoke', 'no'], 1, /no hay ningún token no; /],
      [['list', 'list'], 0, /todavía no hay listas/],
      [['list', 'delete', '7'], 3, /no hay ninguna lista 7; /],
    ];
    for (const [args, code, said] of cases) {
      const ran = await run([...args, ...flags], env);
      assert.equal(ran.code, code, ran.stderr);
      assert.match(ran.stdout + ran.stderr, said);
    }
    for (const what of ['user', 'token', 'list']) {
      const [spanish, english] = [
        await run([what, 'list', '--json', ...flags], env),
        await run([what, 'list', '--json', ...flags], {}),
      ];
      assert.equal(spanish.stdout, english.stdout);
    }
  });

  it('is helped in Spanish with commander’s own words, too', async () => {
    const { code, stdout } = await run(['list', 'delete', '--help'], { LC_ALL: 'es_MX.UTF-8' });
    assert.equal(code, 0);
    for (const words of [
      'Uso: callercard list delete [opciones] <id>',
      'Argumentos:',
      'Opciones:',
      'la ayuda',
    ])
      assert.ok(stdout.includes(words), words);
    assert.doesNotMatch(stdout, /Usage|Options|Arguments|display help|\[options\]/);
    const { stdout: all } = await run(['--help'], { LC_ALL: 'es_MX.UTF-8' });
    assert.match(all, /Códigos de salida:/);
    assert.doesNotMatch(all, /output the version|Exit codes|Commands:/);
  });
});
