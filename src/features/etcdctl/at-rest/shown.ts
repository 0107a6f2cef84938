/** Shows how an API server encrypts, and what is on the disk of an etcd, as lines. */
import type { Shown } from '../../../engine/shown.ts';
import type { Observed } from '../../../engine/view.ts';
import type { Localized } from '../../../i18n/language.ts';
import { josa } from '../../../i18n/josa.ts';
import { grouped } from '../../../i18n/number.ts';
import type { StepOutcome } from '../../../presentation/types/values.ts';
import { placeWords } from './disk.ts';

export const atRest: Shown['reports'] = {
  encryption: { outcome: ({ result }) => encryptionOutcome(result) },
  disk: { outcome: ({ result }) => diskOutcome(result) },
};

function encryptionOutcome({ server, resources, providers }: Observed<'encryption'>['result']): StepOutcome {
  const [first = '', ...others] = providers;
  const lines: Localized[] = [
    { en: `encrypted at rest: ${resources.join(', ')}`, ko: `저장 시 암호화: ${resources.join(', ')}` },
    { en: `written with ${first}`, ko: `저장할 때: ${first}` },
    { en: `read with ${providers.join(', ')}`, ko: `읽을 때: ${[first, ...others].join(', ')}` },
  ];
  return {
    headline: {
      text: {
        en: `${server} has started with an EncryptionConfiguration`,
        ko: `${josa(server, '이/가')} EncryptionConfiguration으로 시작됨`,
      },
      tone: 'plain',
    },
    statements: lines.map((text) => ({ mark: ' ', tone: 'plain', text })),
  };
}

function diskOutcome({ server, files, bytes, searched }: Observed<'disk'>['result']): StepOutcome {
  const size = grouped(bytes);
  return {
    headline: {
      text: {
        en: `The disk of ${server}: ${files} files, ${size} bytes`,
        ko: `${server}의 디스크: 파일 ${files}개, ${size}바이트`,
      },
      tone: 'plain',
    },
    statements: searched.map((one) => ({
      mark: ' ',
      tone: one.places.length > 0 && !one.what.startsWith('/') ? 'leaked' : 'plain',
      text:
        one.places.length > 0
          ? { en: `${one.what}: ${placeWords(one)}`, ko: `${one.what}: ${placeWords(one)}` }
          : { en: `${one.what}: not found`, ko: `${one.what}: 없음` },
    })),
  };
}
