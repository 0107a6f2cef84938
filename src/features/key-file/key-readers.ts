/**
 * `keyReaders`: who may read the file of a private key, as its keeper reports it from the file system. The permissions must be
 * the ones that the step asked for, and wirelab must take the key or turn it down accordingly.
 */
import type { z } from 'zod';
import type { Localized } from '../../i18n/language.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { View } from '../../engine/view.ts';

export function keyReadersSchema(zod: Z) {
  return zod.enum(['owner', 'everybody']).describe('Whom the permissions of the key’s file let read it.');
}

type Readers = z.infer<ReturnType<typeof keyReadersSchema>>;

const readerWords: Readonly<Record<Readers, Localized>> = {
  owner: { en: 'its owner alone may read it', ko: '소유자만 읽을 수 있습니다' },
  everybody: {
    en: 'every account of this machine may read it',
    ko: '이 컴퓨터의 모든 계정이 읽을 수 있습니다',
  },
};

export const keyReaders = {
  claims: (readers: Readers) => [{ facts: { readers } }],
  judge({ readers }: { readonly readers: Readers }, view: View, step: PlannedStep | undefined): Judgement {
    const keyFile = step?.keyFile;
    if (!step || !keyFile) throw new Error('keyReaders is about a keyFile');
    const [report] = view.reports('key-file', step.client, step.id);
    if (!report)
      return {
        status: 'unobserved',
        evidence: [],
        says: { en: 'the keeper of the key did not report', ko: '키 관리자의 보고가 없습니다' },
      };
    const { group, others, mode, permissions, accepted } = report.result;
    const seen = others ? 'everybody' : group ? undefined : 'owner';
    const says = seen ? readerWords[seen] : { en: 'its group may read it', ko: '그룹이 읽을 수 있습니다' };
    const isTrue = seen === readers && mode === keyFile.mode && accepted === (readers === 'owner');
    const used = accepted
      ? { en: 'wirelab uses such a key', ko: 'wirelab은 이 키를 그대로 씁니다' }
      : {
          en: 'wirelab uses no key of its own any more that lay open like this',
          ko: 'wirelab은 이렇게 열려 있던 키를 더는 쓰지 않습니다',
        };
    return {
      status: isTrue ? 'met' : 'missed',
      evidence: [{ event: report.seq }],
      says: {
        en: `${permissions} (${mode}) on the key of ${keyFile.key}: ${says.en}; ${used.en}`,
        ko: `${keyFile.key} 키의 권한 ${permissions}(${mode}): ${says.ko}. ${used.ko}`,
      },
    };
  },
} as const;
