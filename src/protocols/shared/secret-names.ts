/** Tells by its name whether a field holds a secret, whatever the protocol. A name is no proof: `pin` may contain a colour. */

/** Names of secret fields, compared without case, space, hyphen and underscore. */
const secretNames: readonly RegExp[] = [
  /^(new|old|current|confirm|user|login|my)?(password|passwd|passwort|passphrase|pwd|pass|pw)(word)?(\d|confirm|confirmation|again|check)?$/,
  /^(user)?(pin|pincode|otp|totp|cvc|cvv|cvv2)$/,
  /^(ssn|socialsecurity(number)?|rrn|residentregistrationnumber|residentnumber|jumin(no|number)?|nationalid)$/,
  /^(card|creditcard|cc)(no|num|number)$/,
  /^(client)?secret$|^(api|access|secret|private)key$|^(access|refresh|auth|id|api|bearer)?token$/,
  /^(새|현재|기존)?(비밀번호|패스워드|암호)(확인)?$|^(주민등록번호|주민번호|외국인등록번호|인증번호|카드번호)$/,
];

/** A name as names are compared: without case, space, hyphen and underscore. */
export const plainName = (name: string): string =>
  name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s_-]/g, '');

/** Whether a field of that name holds a secret. */
export function isSecretName(name: string): boolean {
  return secretNames.some((pattern) => pattern.test(plainName(name)));
}
