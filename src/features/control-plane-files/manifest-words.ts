/** What is said of a setting, and of a process whose manifest was changed. */
import { safeText } from '../../i18n/safe.ts';
import type { Localized, Pair } from '../../i18n/language.ts';
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
  if (kind === 'ca') return { en: `the CA ${name}`, ko: `CA 인증서(${name})` };
  if (kind === 'key') return { en: `the key of ${name}`, ko: `${name}의 키` };
  return {
    en: `${name}, signed by ${signer ?? '-'}`,
    ko: `${name}(서명: ${signer ?? '-'})`,
  };
}

export function flagWords(found: NamedFile): Localized {
  const { en, ko } = holderOf(found);
  const head = `${nameOf(found)} ${found.file}`;
  return { en: `${head}: ${en}`, ko: `${head}: ${ko}` };
}

/** The CAs with which a process has to do, one line each: by which flags it names one, has its key, or shows what it has signed. */
export function authoritiesNamed(flags: readonly NamedFile[]): Localized[] {
  const cas = [...new Set(flags.flatMap((one) => (one.kind === 'ca' ? one.file : (one.signer ?? []))))];
  const holds = ({ kind, file }: NamedFile, ca: string): boolean =>
    kind === 'key' && file.replace(/\.key$/, '.crt') === ca;
  const list = (of: readonly NamedFile[]): string => of.map(({ flag }) => flag).join(', ');
  const parts = (ca: string): Localized => {
    const named = list(flags.filter(({ kind, file }) => kind === 'ca' && file === ca));
    const keys = list(flags.filter((one) => holds(one, ca)));
    const signed = list(
      flags.filter(({ kind, signer }) => (kind === 'certificate' || kind === 'kubeconfig') && signer === ca),
    );
    const said: readonly Pair[] = [
      ...(named === '' ? [] : [[`named by ${named}`, `가리키는 플래그: ${named}`] as const]),
      ...(keys === '' ? [] : [[`its KEY by ${keys}`, `그 키를 가리키는 플래그: ${keys}`] as const]),
      ...(signed === '' ? [] : [[`has signed ${signed}`, `서명한 것: ${signed}`] as const]),
    ];
    return {
      en: `${ca} ${said.map(([en]) => en).join('; ')}`,
      ko: `${ca} ${said.map(([, ko]) => ko).join('. ')}`,
    };
  };
  const without = list(flags.filter(({ kind, commonName }) => kind !== 'ca' && commonName === undefined));
  return [
    ...cas.map(parts),
    ...(without === '' ? [] : [{ en: `no CA: ${without}`, ko: `CA 없음: ${without}` }]),
  ];
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
