import { EXIT } from '../../process/exit-code.ts';
import type { ProgramWords } from './program-words.ts';

export const ENGLISH: ProgramWords = {
  firstSteps: `callercard: name a command. The first steps:
  callercard demo                               an example, with invented customers
  callercard import customers.csv --list 1001   your customers, from a file
  callercard user add NAME                      somebody who may sign in
  callercard serve                              the server
  callercard check                              what is there, and what to do about it
All commands: callercard --help; one of them: callercard COMMAND --help`,
  exitCodes: `
Exit codes:
  ${EXIT.ok}    done; also a server that a signal stopped
  ${EXIT.failed}    failed; standard error says why
  ${EXIT.usage}    wrong use or wrong settings; nothing was done
  ${EXIT.attention}    done, but check the result: rows were rejected (unless --accept-rejects), check or audit verify found a problem, lookup found no lead
  ${EXIT.interrupted}  an import or export stopped by Ctrl-C`,
  seeHelp: 'see "callercard --help" and "callercard COMMAND --help"',
  didYouMean: (name) => `did you mean ${name}?`,
  wrongUse: (message) => message,
  notAllWritten: (why) => `not all output was written (${why})`,
};
