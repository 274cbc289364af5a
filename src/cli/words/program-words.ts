/** What the program says of commands as such: without arguments, in every help, and of wrong use. */
export interface ProgramWords {
  readonly firstSteps: string;
  /** Behind the help. */
  readonly exitCodes: string;
  /** Behind each message of wrong use. */
  readonly seeHelp: string;
  /** @param name the option or command that is nearly the same */
  didYouMean(name: string): string;
  /** Without "error: ", as the parser of the command line has it in English. */
  wrongUse(message: string): string;
  notAllWritten(why: string): string;
}
