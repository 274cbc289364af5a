/** Why nobody can be served: one sentence for the operator about the audit that says what to do. */
export class AuditRefusal extends Error {
  constructor(folder: string, cause: unknown) {
    super(
      `the audit cannot be written in ${folder} (${cause instanceof Error ? cause.message : String(cause)}); give this user a folder that it may write to: --audit FOLDER`,
      { cause },
    );
    this.name = 'AuditRefusal';
  }
}
