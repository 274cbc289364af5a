import { formerNamesOf, type SettingName } from './settings.ts';

/** A place where settings are written, such as the environment or a domain of the config file. */
export interface Source {
  /** The text that it gives for a name; undefined: none. */
  readonly read: (name: string) => string | undefined;
  /** The place in words: `flag --walk-limit`. */
  readonly spell: (name: string) => string;
}

/** Finds settings by the names of earlier versions as well, and notes which of those are still in use. */
export class FormerNames {
  readonly #used = new Map<string, { readonly name: SettingName; readonly spellings: Set<string> }>();

  /**
   * @param refuse takes an error: the name, and the clause about it
   * @returns the name under which the source gives the setting; undefined: it does not
   */
  find(
    name: SettingName,
    { read, spell }: Source,
    refuse: (name: string, fault: string) => void,
  ): string | undefined {
    const has = (known: string) => read(known) !== undefined;
    const former = formerNamesOf(name).find(has);
    if (former === undefined) return has(name) ? name : undefined;
    if (has(name)) {
      refuse(former, `is the former name of ${name}, which is given as well; remove ${former}`);
      return name;
    }
    const use = this.#used.get(former) ?? { name, spellings: new Set() };
    this.#used.set(former, use);
    use.spellings.add(spell(former));
    return former;
  }

  /** One line for each former name that is in use. */
  warnings(): readonly string[] {
    return [...this.#used].map(
      ([former, { name, spellings }]) =>
        `the setting ${former} is now called ${name}; it still counts, but rename it (${[...spellings].join(', ')})`,
    );
  }
}
