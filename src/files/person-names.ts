/** A name as a lead has it. */
export interface PersonName {
  readonly first: string | null;
  readonly last: string | null;
}

/** Words that belong to the name after them: `de la Cruz`, `van Dyck`. */
const PARTICLES = new Set(
  'de del la las los el da das do dos e y van von der den di san santa mac mc'.split(' '),
);

/** Forms of companies, at the end of their names. */
const COMPANY =
  /(?:^|[\s,])(?:s\.?\s?a\.?(?:\s?b\.?)?|s\.?\s?a\.?\s?de\s?c\.?\s?v\.?|s\.?\s?(?:de\s)?r\.?\s?l\.?(?:\s?de\s?c\.?\s?v\.?)?|s\.?\s?c\.?|s\.?\s?a\.?\s?s\.?|s\.?\s?a\.?\s?p\.?\s?i\.?(?:\s?de\s?c\.?\s?v\.?)?|inc|llc|ltda?|limited|corp|gmbh|eireli|s\/a|cia)\.?$/iu;

/**
 * Splits a whole name. `Apellido, Nombre` says it itself. Else the last word is the surname; of Spanish and Portuguese names
 * with three and more words the last two are. A company stays whole.
 *
 * @param isIberian whether people have two surnames
 * @param isSurnameFirst whether the surnames come before the first name
 */
export function splitName(text: string, isIberian: boolean, isSurnameFirst = false): PersonName {
  const name = text.trim().replace(/[ \t\u00a0]+/g, ' ');
  if (name === '') return { first: null, last: null };
  if (COMPANY.test(name)) return { first: null, last: name };
  const comma = /^([^,]+), ?([^,]+)$/.exec(name);
  if (comma?.[1] !== undefined && comma[2] !== undefined)
    return { first: comma[2].trim(), last: comma[1].trim() };
  const words = unitsOf(name);
  if (words.length < 2) return { first: name, last: null };
  const surnames = isIberian && words.length > 2 ? 2 : 1;
  const at = isSurnameFirst ? surnames : -surnames;
  const [before, after] = [words.slice(0, at).join(' '), words.slice(at).join(' ')];
  return isSurnameFirst ? { first: after, last: before } : { first: before, last: after };
}

/** The words of a name, particles together with what follows them. */
function unitsOf(name: string): readonly string[] {
  const units: string[] = [];
  let particles = '';
  for (const word of name.split(' ')) {
    if (PARTICLES.has(word.toLowerCase())) particles += `${word} `;
    else {
      units.push(particles + word);
      particles = '';
    }
  }
  if (particles !== '') units.push(particles.trim());
  return units;
}

/** Countries whose people have two surnames, as far as their language tells. */
export function hasTwoSurnames(country: string): boolean {
  const { language } = new Intl.Locale(`und-${country}`).maximize();
  return language === 'es' || language === 'pt';
}
