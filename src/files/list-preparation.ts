import type { CustomField } from '../core/lead.ts';
import type { ImportRun } from '../core/lead-archive.ts';
import type { ColumnPlan } from './header.ts';
import type { Cells } from './row.ts';

interface PreparedList {
  readonly fault: string | undefined;
  readonly named: boolean;
}

/** Makes the lists of a file's rows, each once, with their name and custom fields. */
export class ListPreparation {
  readonly #run: ImportRun;
  readonly #plan: ColumnPlan;
  readonly #lists = new Map<number, PreparedList>();

  constructor(run: ImportRun, plan: ColumnPlan) {
    this.#run = run;
    this.#plan = plan;
  }

  /** The lists that the header itself names. @returns why one of them cannot have its fields */
  prepareNamed(): string | undefined {
    const named = new Set(this.#plan.custom.flatMap(({ lists }) => [...(lists ?? [])]));
    for (const listId of named) {
      const fault = this.#run.prepareList(listId, undefined, this.#fieldsOf(listId));
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /**
   * The list of one row; its name is that of the list's first row that has one.
   *
   * @returns why the list cannot take rows of this file
   */
  prepare(listId: number, cells: Cells): string | undefined {
    const known = this.#lists.get(listId);
    const nameAt = this.#plan.others.list_name;
    if (known !== undefined && (known.named || nameAt === undefined)) return known.fault;
    const name = nameAt === undefined ? null : (cells[nameAt] ?? null);
    if (known !== undefined && name === null) return known.fault;
    const fault = this.#run.prepareList(listId, name ?? undefined, this.#fieldsOf(listId));
    this.#lists.set(listId, { fault, named: name !== null });
    return fault;
  }

  #fieldsOf(listId: number): readonly CustomField[] {
    return this.#plan.custom
      .filter(({ lists }) => lists === undefined || lists.has(listId))
      .map(({ field }) => field);
  }
}
