/**
 * The body of a login: `application/x-www-form-urlencoded` as a browser writes it (WHATWG URL section 5). It decides which
 * fields a login has; the site interprets them. The client writes it, the server reads it.
 */

export const formContentType = 'application/x-www-form-urlencoded';

/** What a person types into the form. The registration number is made up, here and in every scenario. */
export interface LoginForm {
  readonly username: string;
  readonly password: string;
  /** Resident registration number, `YYMMDD-NNNNNNN`. */
  readonly rrn: string;
}

export const loginFields = ['username', 'password', 'rrn'] as const satisfies readonly (keyof LoginForm)[];

export function encodeLoginForm(form: LoginForm): string {
  return new URLSearchParams(loginFields.map((field): [string, string] => [field, form[field]])).toString();
}

/** The form in a body, or the names of the fields that are missing, empty or repeated. */
export function decodeLoginForm(
  body: string,
): { readonly form: LoginForm } | { readonly missing: readonly string[] } {
  const parameters = new URLSearchParams(body);
  const missing = loginFields.filter(
    (field) => parameters.getAll(field).length !== 1 || parameters.get(field) === '',
  );
  if (missing.length > 0) return { missing };
  const value = (field: keyof LoginForm): string => parameters.get(field) ?? '';
  return { form: { username: value('username'), password: value('password'), rrn: value('rrn') } };
}

/** The part of a registration number that is shown to its owner, as Korean sites mask it: `900101-1******`. */
export function maskRegistrationNumber(rrn: string): string {
  return /^\d{6}-\d{7}$/.test(rrn) ? `${rrn.slice(0, 8)}******` : '*'.repeat(Math.min(rrn.length, 14));
}
