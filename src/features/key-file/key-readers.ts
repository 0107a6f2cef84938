/**
 * `keyReaders`: who may read a private key's file, as reported from the file system. The permissions must be the requested
 * ones, and wirelab must accept or reject the key accordingly.
 */
import type { z } from 'zod';
import type { Localized } from '../../i18n/language.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { View } from '../../engine/view.ts';

export function keyReadersSchema(zod: Z) {
  return zod.enum(['owner', 'everybody']).describe('Who may read the key’s file, by its permissions.');
}

type Readers = z.infer<ReturnType<typeof keyReadersSchema>>;

const readerWords: Readonly<Record<Readers, Localized>> = {
  owner: { en: 'only its owner may read it', ko: '소유자만 읽을 수 있습니다' },
  everybody: {
    en: 'every account on this machine may read it',
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
        says: { en: 'the key’s owner did not report', ko: '키 관리자의 보고가 없습니다' },
      };
    const { group, others, mode, permissions, accepted } = report.result;
    const seen = others ? 'everybody' : group ? undefined : 'owner';
    const says = seen ? readerWords[seen] : { en: 'its group may read it', ko: '그룹이 읽을 수 있습니다' };
    const isTrue = seen === readers && mode === keyFile.mode && accepted === (readers === 'owner');
    const used = accepted
      ? { en: 'wirelab accepts such a key', ko: 'wirelab은 이 키를 그대로 씁니다' }
      : {
          en: 'wirelab rejects a key of its own with these permissions',
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
