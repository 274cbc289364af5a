import { isPassword } from '../../auth/password-rules.ts';

/** Reads the fields of `templates/new-password.eta`. @returns what is wrong, by its words */
export function readNewPassword(
  form: URLSearchParams,
): { readonly password: string } | { readonly fault: 'badPassword' | 'passwordsDiffer' } {
  const password = form.get('new-password') ?? '';
  if (!isPassword(password)) return { fault: 'badPassword' };
  return form.get('again') === password ? { password } : { fault: 'passwordsDiffer' };
}
