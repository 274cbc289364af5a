/** `defaultCountry` → `CALLERCARD_DEFAULT_COUNTRY`. */
export function environmentName(name: string): string {
  return `CALLERCARD_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** `defaultCountry` → `--default-country`. */
export function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
