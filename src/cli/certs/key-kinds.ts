/** The kinds of keys that `wirelab certs` makes, by the names of its option. */
import type { KeyKind } from '../../pki/ca/plan.ts';
import type { OptionRow } from '../command.ts';

export const keyKinds: Readonly<Record<string, KeyKind>> = {
  p256: 'P-256',
  p384: 'P-384',
  rsa2048: 'RSA-2048',
  rsa3072: 'RSA-3072',
  rsa4096: 'RSA-4096',
  ed25519: 'Ed25519',
};

export const keyKindOption: OptionRow = {
  value: 'p256|rsa2048|ed25519',
  choices: Object.keys(keyKinds),
  help: {
    en: 'the type of the new key (default: p256; also p384, rsa3072, rsa4096)',
    ko: '새 키의 종류(기본값: p256. p384, rsa3072, rsa4096도 가능)',
  },
};

export const keyKindOf = (given: string | undefined): KeyKind => keyKinds[given ?? 'p256'] ?? 'P-256';
