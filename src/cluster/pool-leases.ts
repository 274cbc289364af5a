/** Gives a worker a lease that it asked for. */
export type Grant = () => void;

interface Wish<Worker> {
  readonly worker: Worker;
  readonly id: number;
  readonly grant: Grant;
}

/**
 * What one worker of a primary does and no other at the same time. The first that asks has it; the next gets it when the first
 * gives it up or its process has ended, and no sooner: a worker that hangs keeps what it has. There are as many names as the
 * settings name connectors.
 */
export class PoolLeases<Worker> {
  /** Of each name who asked for it, in their order: the first has it. */
  readonly #wishes = new Map<string, readonly Wish<Worker>[]>();

  /** @param id by which the worker gives it up: another one for each wish */
  want(name: string, wish: Wish<Worker>): void {
    const before = this.#wishes.get(name) ?? [];
    this.#wishes.set(name, [...before, wish]);
    if (before.length === 0) wish.grant();
  }

  giveUp(worker: Worker, id: number): void {
    this.#remove((wish) => wish.worker === worker && wish.id === id);
  }

  /** To be called when the worker's process has ended. */
  noteExit(worker: Worker): void {
    this.#remove((wish) => wish.worker === worker);
  }

  #remove(isOver: (wish: Wish<Worker>) => boolean): void {
    for (const [name, wishes] of this.#wishes) {
      const left = wishes.filter((wish) => !isOver(wish));
      if (left.length === wishes.length) continue;
      if (left.length === 0) this.#wishes.delete(name);
      else this.#wishes.set(name, left);
      if (left[0] !== wishes[0]) left[0]?.grant();
    }
  }
}
