/** Why a file cannot be imported or written: one sentence for a person that says what to do. */
export class LeadFileFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LeadFileFault';
  }
}
