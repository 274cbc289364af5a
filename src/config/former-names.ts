import { formerNamesOf, type SettingName } from './settings.ts';

/** One source of settings, such as the environment or a domain of the config file. */
export interface NamedSource {
  /** Whether it gives the setting under this name. */
  readonly has: (name: string) => boolean;
  /** How it spells the name, for messages: `flag --walk-limit`. */
  readonly spell: (name: string) => string;
  /** Takes an error: the name, and the clause about it. */
  readonly refuse: (name: string, fault: string) => void;
}

/** Finds settings by the names of earlier versions as well, and notes which of those are still in use. */
export class FormerNames {
  readonly #used = new Map<string, { readonly name: SettingName; readonly spellings: Set<string> }>();

  /** @returns the name under which the source gives the setting; undefined: it does not */
  find(name: SettingName, { has, spell, refuse }: NamedSource): string | undefined {
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
