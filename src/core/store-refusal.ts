/** Why a store is not opened: one sentence for the operator that says what to do. Nothing was changed. */
export class StoreRefusal extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreRefusal';
  }
}
