/**
 * What is used of `node:http`. For an import statement Node.js reads every export of it, and two of them load all of `fetch` and
 * `WebSocket`: 40 ms of CPU at each start.
 */
export const { createServer, METHODS, STATUS_CODES } = process.getBuiltinModule('node:http');
