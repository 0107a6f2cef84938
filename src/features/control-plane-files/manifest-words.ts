/** What is said of a setting, and of a process whose manifest was changed. */
import { safeText } from '../../i18n/safe.ts';
import type { Localized } from '../../i18n/language.ts';
import { fileFlags } from '../../pki/kubeadm/manifests/flags.ts';
import type { ManifestReport, NamedFile } from './manifest-observations.ts';

const nameOf = ({ process, flag }: Pick<NamedFile, 'process' | 'flag'>): string =>
  process === 'kubelet' ? flag : `--${flag}`;

/** Whose the file is. */
function holderOf({ kind, commonName, signer }: NamedFile): Localized {
  if (commonName === undefined)
    return kind === 'key'
      ? { en: 'a key without a certificate', ko: '인증서가 없는 키' }
      : { en: 'a public key without a certificate', ko: '인증서가 없는 공개 키' };
  const name = safeText(commonName);
  if (kind === 'ca') return { en: `the CA ${name}`, ko: `${name} CA의 인증서` };
  if (kind === 'key') return { en: `the key of ${name}`, ko: `${name}의 키` };
  return {
    en: `${name}, signed by ${signer ?? '-'}`,
    ko: `${name}, 서명 ${signer ?? '-'}`,
  };
}

export function flagWords(found: NamedFile): Localized {
  const { en, ko } = holderOf(found);
  const head = `${nameOf(found)} ${found.file}`;
  return { en: `${head}: ${en}`, ko: `${head}: ${ko}` };
}

/** What it is for, and what breaks without it. */
export function flagPurpose({ process, flag }: NamedFile): Localized {
  const row = fileFlags.find((one) => one.process === process && one.flag === flag);
  const purpose = row?.purpose.en ?? '';
  return {
    en: `${purpose.charAt(0).toUpperCase()}${purpose.slice(1)}. Without it: ${row?.without.en ?? ''}.`,
    ko: `${row?.purpose.ko ?? ''}. 없으면: ${row?.without.ko ?? ''}.`,
  };
}

export function manifestWords({ process, without, state, words }: ManifestReport): Localized {
  const lines = safeText(without.join(' '));
  const said = safeText(words ?? '');
  const [en, ko] =
    without.length === 0
      ? ['with every flag of kubeadm', 'kubeadm의 플래그가 모두 있음']
      : [`without ${lines}`, `없는 플래그: ${lines}`];
  return state === 'running'
    ? { en: `${process} runs ${en}`, ko: `${process} 실행 중. ${ko}` }
    : { en: `${process} has ended ${en}: ${said}`, ko: `${process} 종료됨. ${ko}: ${said}` };
}
